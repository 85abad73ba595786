"""promtool, as this machine has it or not."""

from pathlib import Path

import pytest

from taller.services import ServiceUnavailable, debian, promtool


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no programs, and an empty cache."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_systems_is_taken_first(nowhere: Path) -> None:
    program(debian.cache("prometheus") / "root/usr/bin/promtool")
    installed = program(nowhere / "bin/promtool")

    assert promtool.require(print) == installed


def test_what_was_fetched_is_taken_then(nowhere: Path) -> None:
    fetched = program(debian.cache("prometheus") / "root/usr/bin/promtool")

    assert promtool.require(print) == fetched


def test_where_it_cannot_be_had_the_one_command_is_told(nowhere: Path) -> None:
    assert promtool.installed() is None
    with pytest.raises(ServiceUnavailable, match="no apt-get to fetch it with") as error:
        promtool.require(print)

    assert error.value.remedy == "brew install prometheus"
