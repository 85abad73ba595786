"""Servers in Docker, by docker/services.compose.yaml, where this machine has an engine."""

import json
import os
import secrets
import subprocess
from functools import cache
from pathlib import Path

from taller.catalog import Course, CourseNotFound
from taller.processes import free_port
from taller.services.errors import ServiceUnavailable
from taller.services.logins import random_password
from taller.services.server import Endpoint, Server
from taller.services.service import Announce, Service

PROJECT = "taller"
# Compose reads the whole file, passwords too, also for what needs none.
UNUSED = {"TALLER_PASSWORD": "unused"}
ANSWER_TIMEOUT_S = 10
START_TIMEOUT_S = 300


class DockerServer(Server):
    """A container of our own, in a compose project of its own."""

    def __init__(self, service: Service, endpoint: Endpoint, project: str) -> None:
        super().__init__(service, endpoint, "docker")
        self._project = project

    def close(self) -> None:
        """Remove the container and its data."""
        _remove(self._project)


def offers(service: Service) -> bool:
    """Whether there is a compose file with this service, and an engine that answers."""
    return _file() is not None and _engine() and service.name in _compose("config", "--services").stdout.split()


def start(service: Service, announce: Announce) -> DockerServer:
    """A container of this kind, on ports of its own; raises ``ServiceUnavailable``.

    An engine does not notice when we are killed: what a killed run left is removed at the next start.
    """
    _sweep()
    project = f"{PROJECT}-{os.getuid()}-{os.getpid()}-{secrets.token_hex(3)}"
    ports = {port: free_port() for port in service.ports}
    password = random_password()
    announce(f"starting {service.name} in Docker")
    try:
        started = _compose(
            "--project-name", project, "up", "--detach", "--wait", service.name,
            environment={"TALLER_PASSWORD": password} | {
                f"TALLER_{service.name}_{port}".upper(): str(number) for port, number in ports.items()
            },
        )  # fmt: skip
    except BaseException:
        _remove(project)
        raise
    if started.returncode:
        _remove(project)
        reason = f"docker compose did not start it: {started.stderr.strip()[-1000:]}"
        raise ServiceUnavailable(service.name, reason, "docker info")
    return DockerServer(service, service.endpoint(ports, password), project)


def _file() -> Path | None:
    try:
        path = Course.find().root / "docker" / "services.compose.yaml"
    except CourseNotFound:
        return None
    return path if path.exists() else None


@cache
def _engine() -> bool:
    try:
        answer = subprocess.run(["docker", "compose", "ls"], capture_output=True, timeout=ANSWER_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _compose(*arguments: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", "compose", "--file", str(_file()), *arguments],
        env=UNUSED | os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
    )


def _remove(project: str) -> None:
    _compose("--project-name", project, "down", "--volumes", "--timeout", "1")


def _sweep() -> None:
    """Remove the projects of this user's runs that are gone."""
    import psutil

    projects = _compose("ls", "--all", "--format", "json", "--filter", f"name={PROJECT}-{os.getuid()}-").stdout
    for project in json.loads(projects or "[]"):
        pid = project["Name"].split("-")[2]
        if not psutil.pid_exists(int(pid)):
            _remove(project["Name"])
