"""``taller doctor``: what this machine lacks, and how to get it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.text import Text

from taller.catalog import Course
from taller.cli.arguments import AsJson
from taller.cli.console import console, print_json
from taller.cli.exits import MACHINE, Exit

ENOUGH_BYTES = 500_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``needed`` is False for what only some can use."""

    what: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


def doctor(as_json: AsJson = False) -> None:
    """Tell what this machine lacks for the course, and the command that mends it."""
    findings = [*_python(), *_services(), *_room(), *_confinement(), *_programs()]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark, style = ("✓", "green") if finding.ok else ("✗", "red") if finding.needed else ("·", "dim")
            console.print(Text.assemble((mark, style), f" {finding.what:<14} {finding.detail}"), soft_wrap=True)
            if not finding.ok and finding.remedy:
                console.print(Text(f"  {'':<14} to mend it: {finding.remedy}", "bold"), soft_wrap=True)
    if any(finding.needed and not finding.ok for finding in findings):
        raise Exit(MACHINE)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or later, then `make setup`")
    course = Course.find()
    inside = Path(sys.prefix).resolve() == (course.root / ".venv").resolve()
    yield Finding("environment", inside, sys.prefix, "make setup", needed=False)


def _services() -> Iterator[Finding]:
    from taller.services.registry import find, names

    for name in names():
        service = find(name)
        if os.environ.get(service.variable):
            yield Finding(name, True, f"from {service.variable}")
            continue
        missing = service.missing()
        if missing:
            yield Finding(name, False, missing.reason, missing.remedy)
        else:
            yield Finding(name, True, "its programs are here")
    yield _promtool()


def _promtool() -> Finding:
    from taller.services import debian, promtool

    if found := promtool.installed():
        return Finding("promtool", True, f"{found}")
    remedy = debian.fetch_command(promtool.PACKAGE)
    return Finding("promtool", False, "not installed, and not fetched yet; lesson 18 checks its alerts with it", remedy)


def _room() -> Iterator[Finding]:
    for place in (Path("/dev/shm"), Path(os.environ.get("TMPDIR", "/tmp"))):
        if place.exists():
            free = shutil.disk_usage(place).free
            detail = f"{free / 1e9:.1f} GB free in {place}"
            remedy = (
                f"free some room in {place}"
                if place != Path("/dev/shm")
                else "docker run --shm-size=1g, in a container"
            )
            yield Finding("room", free > ENOUGH_BYTES, detail, remedy, needed=place != Path("/dev/shm"))


def _confinement() -> Iterator[Finding]:
    from taller.runner.confinement import confine
    from taller.runner.errors import ConfinementError

    if os.geteuid() != 0:
        yield Finding("confinement", True, "your programs run as you, within limits")
        return
    course = Course.find()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            confine([course.solutions, course.exercises], Path(scratch))
            yield Finding("confinement", True, "as root: programs run as another user, within limits")
        except ConfinementError as error:
            yield Finding("confinement", False, str(error), "as the message says")


def _programs() -> Iterator[Finding]:
    uses = {"git": "to keep your work", "curl": "for the requests on the pages", "node": "for answers in JavaScript"}
    for name, use in uses.items():
        path = shutil.which(name)
        yield Finding(name, bool(path), f"{path or 'not here'}, {use}", f"apt-get install {name}", needed=False)
    docker = shutil.which("docker")
    running = docker and subprocess.run([docker, "info"], capture_output=True).returncode == 0
    detail = "an engine answers" if running else "no engine; the course needs none"
    yield Finding("docker", bool(running), detail, needed=False)
