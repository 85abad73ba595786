"""Choose the Python that .venv is made from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from commands import NotAble

OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3")
# A virtual environment's own interpreter answers with the one it was made from.
QUESTIONS = (
    "import os, sys\n"
    "print(os.path.realpath(getattr(sys, '_base_executable', sys.executable)))\n"
    "print(sys.base_prefix)\n"
    "print('%d.%d.%d' % sys.version_info[:3])\n"
)


class Interpreter(NamedTuple):
    """One installed Python: the real path of its program, where its library is, and its version."""

    path: str
    base_prefix: str
    version: str

    @property
    def new_enough(self) -> bool:
        """Whether the course runs on it."""
        return version_numbers(self.version)[:2] >= OLDEST

    @property
    def open_to_everybody(self) -> bool:
        """Whether every user of the machine may execute it, not only the one who owns the home it lies in."""
        program, library = Path(self.path), Path(self.base_prefix)
        directories = {*program.parents, library, *library.parents}
        return all(path.stat().st_mode & 0o001 for path in (program, *directories))


def version_numbers(version: str) -> tuple[int, ...]:
    """Return "3.11.2" as (3, 11, 2)."""
    return tuple(int(number) for number in version.split("."))


def ask(command: str) -> Interpreter | None:
    """Return what the interpreter `command` says about itself; None when it does not run."""
    try:
        answer = subprocess.run(
            [command, "-I", "-c", QUESTIONS],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = answer.stdout.decode().splitlines()
    return Interpreter(*lines) if len(lines) == len(Interpreter._fields) else None


def named() -> Interpreter | None:
    """Return the interpreter that TALLER_PYTHON names; None when it is not set. Raises NotAble when it is unfit."""
    command = os.environ.get("TALLER_PYTHON")
    if not command:
        return None
    interpreter = ask(command)
    if interpreter is None:
        raise NotAble(f"TALLER_PYTHON={command} is no Python that runs here; name another one, or unset it")
    if not interpreter.new_enough:
        raise NotAble(
            f"TALLER_PYTHON={command} is Python {interpreter.version}, the course needs 3.11 or later; "
            "name another one, or unset it"
        )
    return interpreter


def choose() -> Interpreter:
    """Return the interpreter for .venv; raises NotAble when the machine has none that is new enough.

    As root the learner's code runs as another user, so there one that every user may execute comes first.
    """
    chosen = named()
    if chosen:
        return chosen
    found: list[Interpreter] = []
    for interpreter in installed():
        if interpreter.new_enough and (os.geteuid() != 0 or interpreter.open_to_everybody):
            return interpreter
        found.append(interpreter)
    fit = [interpreter for interpreter in found if interpreter.new_enough]
    if fit:
        return fit[0]
    seen = ", ".join(f"{interpreter.path} is {interpreter.version}" for interpreter in found) or "found none"
    raise NotAble(
        f"the course needs Python 3.11 or later ({seen}); install one (Debian, Ubuntu: apt-get install python3) "
        "or name one: TALLER_PYTHON=/path/to/python3.12 make setup"
    )


def installed() -> Iterator[Interpreter]:
    """Yield each interpreter of the PATH and /usr/bin once, the best version first; last the one that runs this."""
    directories = [*os.get_exec_path(), "/usr/bin"]
    commands = [str(Path(directory, name)) for name in NAMES for directory in directories]
    seen = set()
    for command in [*commands, sys.executable]:
        interpreter = ask(command) if os.access(command, os.X_OK) else None
        if interpreter and interpreter.path not in seen:
            seen.add(interpreter.path)
            yield interpreter
