"""Servers that run between commands."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from taller.services import ServiceError, ServiceUnavailable, Status, down, open_servers, records, status, up
from taller.services.waiting import until

from .clients import write

NAMES = ["postgresql", "redis"]


@pytest.fixture
def running(elsewhere: Path) -> Iterator[dict[str, Status]]:
    """PostgreSQL and Redis in the background of a checkout of their own."""
    try:
        yield _provided(up(NAMES))
    finally:
        down()


def test_they_answer_and_tell_about_themselves(running: dict[str, Status]) -> None:
    assert sorted(running) == NAMES
    for service in running.values():
        assert service.version
        assert service.url
        assert service.memory
        assert service.memory > 1_000_000
        assert service.uptime is not None


def test_a_second_up_starts_only_what_is_missing(running: dict[str, Status]) -> None:
    again = _provided(up([*NAMES, "mongodb"]))

    assert sorted(name for record in records.load() for name in record.servers) == ["mongodb", *NAMES]
    assert {name: again[name].url for name in NAMES} == {name: running[name].url for name in NAMES}
    assert again["mongodb"].version


def test_they_are_taken_before_a_private_one(running: dict[str, Status]) -> None:
    with open_servers(["redis"]) as servers:
        assert servers["redis"].origin == "up"
        assert servers["redis"].admin_url == running["redis"].url
        allocation = servers["redis"].allocate()
        write(allocation.url, "written")
        with pytest.raises(ServiceError, match="cannot kill redis"):
            servers["redis"].kill()
    with open_servers(["redis"]) as servers:
        assert servers["redis"].version


def test_down_ends_them_and_a_second_down_does_nothing(running: dict[str, Status]) -> None:
    (record,) = records.load()
    pids = [record.pid, *(server.pid for server in record.servers.values())]

    assert down() == NAMES

    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert down() == []
    assert _provided(status()) == {}


def test_nothing_is_left_when_the_background_process_is_killed(running: dict[str, Status]) -> None:
    (record,) = records.load()
    pids = [server.pid for server in record.servers.values()]
    psutil.Process(record.pid).kill()

    until(lambda: _gone(pids), timeout_s=20, check=lambda: None)
    assert _provided(status()) == {}
    assert not list(records.folder().glob("*.json"))
    assert sorted(_provided(up(NAMES))) == NAMES


def test_it_ends_by_itself_when_its_record_is_removed(running: dict[str, Status]) -> None:
    (record,) = records.load()
    (file,) = records.folder().glob("*.json")

    file.unlink()

    until(lambda: _gone([record.pid]), timeout_s=20, check=lambda: None)


def test_another_checkout_does_not_meet_them(
    running: dict[str, Status], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    for folder in ("lessons", "src/taller"):
        (other / folder).mkdir(parents=True)

    with monkeypatch.context() as there:
        there.chdir(other)
        assert _provided(status()) == {}
        assert down() == []
        shutil.rmtree(records.folder())

    assert sorted(_provided(status())) == NAMES


def test_the_environment_is_shown_before_them(running: dict[str, Status], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    shown = _provided(status())["redis"]

    assert (shown.origin, shown.version, shown.url) == ("environment", None, "redis://127.0.0.1:1/0")


def test_a_service_that_cannot_be_had_is_said(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(elsewhere))
    monkeypatch.setenv("XDG_CACHE_HOME", str(elsewhere))

    with pytest.raises(ServiceUnavailable, match="no apt-get to fetch it with") as error:
        up(["redis", "rabbitmq"])

    assert error.value.remedy == "brew install rabbitmq"
    assert _provided(status()) == {}


def test_records_are_for_nobody_else(running: dict[str, Status]) -> None:
    (file,) = records.folder().glob("*.json")

    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.parent.stat().st_mode & 0o077 == 0


def _provided(statuses: list[Status]) -> dict[str, Status]:
    return {service.name: service for service in statuses if service.origin}


def _gone(pids: list[int]) -> None:
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
