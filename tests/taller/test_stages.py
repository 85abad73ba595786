"""`make test`: stages go on after a failure, and the sum at the end tells the truth."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def outcome_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Runs stages that say what they are told to; returns the exit status and the lines printed."""
    monkeypatch.syspath_prepend(SCRIPTS)
    from console import Console
    from stages import Skipped, Stage, run_stages, sum_up

    def skip() -> bool:
        raise Skipped("no browser here")

    checks: dict[str, Callable[[], bool]] = {"passes": lambda: True, "fails": lambda: False, "skips": skip}

    def run(*names: str) -> tuple[int, list[str]]:
        printed = io.StringIO()
        console = Console(printed)
        status = sum_up(run_stages([Stage(name, "", checks[name]) for name in names], console), console)
        return status, printed.getvalue().splitlines()

    return run


def test_failed_stage_is_counted_and_the_next_still_runs(outcome_of: Callable[..., tuple[int, list[str]]]) -> None:
    status, lines = outcome_of("fails", "passes", "skips")
    assert status == 1
    assert lines[-1] == "stages: 1 passed, 1 failed, 1 skipped"


def test_skipped_stage_does_not_fail_and_gives_its_reason(outcome_of: Callable[..., tuple[int, list[str]]]) -> None:
    status, lines = outcome_of("passes", "skips")
    assert status == 0
    assert lines[-2].endswith("no browser here")


def test_unknown_stage_is_wrong_use() -> None:
    done = subprocess.run([sys.executable, SCRIPTS / "test.py", "lint", "nope"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "no stage nope" in done.stderr


@pytest.mark.parametrize(
    ("link", "whole"), [("there.html#part", True), ("nowhere.html", False), ("there.html#nothing", False)]
)
def test_links_and_anchors_of_the_site_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str, whole: bool
) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)
    import site_links

    (tmp_path / "index.html").write_text(f'<html><body><a href="{link}">there</a></body></html>')
    (tmp_path / "there.html").write_text('<html><body><h1 id="part">There</h1></body></html>')
    assert site_links.check(tmp_path) is whole
