"""The command ``taller``, run in a small course of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from taller.authoring import sync_all
from taller.catalog import Course
from taller.grading import eventually

from .shop import write_shop

TALLER = str(Path(sys.prefix) / "bin" / "taller")
LONG = 60

Taller = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**more: str) -> dict[str, str]:
    """Our environment, but for what would change what is printed or where services come from."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "NO_COLOR", "FORCE_"))}
    kept = {name: value for name, value in ours.items() if not name.endswith("_URL")}
    return {**kept, "COLUMNS": "200", "PYTHONUNBUFFERED": "1", **more}


@pytest.fixture
def shop(tmp_path: Path) -> Course:
    """A course with two lessons, whose exercises are as a learner finds them."""
    root = tmp_path / "shop"
    write_shop(root)
    course = Course(root)
    assert not sync_all(course, course.lessons, progress=lambda line: None)
    return course


@pytest.fixture
def taller(shop: Course) -> Taller:
    """Runs a command there to its end."""

    def taller(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [TALLER, *words], cwd=shop.root, env=environment(**more), capture_output=True, text=True, timeout=LONG
        )

    return taller


@dataclass(frozen=True)
class Session:
    """A command that goes on until it is ended."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def text(self) -> str:
        """All that it has printed."""
        return self.log.read_text()

    def says(self, words: str, after: int = 0) -> str:
        """Wait until it has printed this, and return what it has printed since ``after``."""

        def said() -> str:
            assert self.process.poll() is None or words in self.text[after:], f"it has ended: {self.text}"
            return self.text[after:] if words in self.text[after:] else ""

        return eventually(said, within=LONG, expected=f"{words!r} to be said")

    def family(self) -> list[psutil.Process]:
        """It and all its descendants."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    def states(self) -> set[Path]:
        """The state directories that its descendants live in."""
        homes = set()
        for process in self.family():
            try:
                homes.add(process.environ().get("HOME", ""))
            except psutil.Error:
                continue
        return {Path(home).parent for home in homes if "-run-" in home}

    def end(self, number: int = signal.SIGINT) -> int:
        """Send it a signal, wait for its end, and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(LONG)


Open = Callable[..., Session]


@pytest.fixture
def session(shop: Course, tmp_path: Path) -> Iterator[Open]:
    """Starts a command, by default in the small course; what is left of it at the end is killed."""
    sessions: list[Session] = []

    def session(*words: str, root: Path = shop.root) -> Session:
        log = tmp_path / f"{'-'.join(words)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [TALLER, *words], cwd=root, env=environment(), stdout=file, stderr=file, start_new_session=True
            )
        sessions.append(Session(process, log))
        return sessions[-1]

    yield session
    for each in sessions:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def gone(family: list[psutil.Process]) -> None:
    """Wait until none of them is left."""

    def is_left(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    eventually(lambda: not any(map(is_left, family)), within=LONG, expected="no process to be left")
