"""Small programs as children of ours."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from taller.processes import Child

Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program, by default in an empty folder with no environment but PATH; it ends with the test."""
    children: list[Child] = []

    def start(*argv: str, **options: Any) -> Child:
        options = {"name": "program", "env": {"PATH": os.defpath}, "cwd": tmp_path, **options}
        children.append(Child.start(argv, **options))
        return children[-1]

    yield start
    for child in children:
        child.kill()


@pytest.fixture
def shell(start: Start) -> Start:
    """Starts a script of the shell."""

    def shell(script: str, **options: Any) -> Child:
        return start("/bin/sh", "-c", script, **options)

    return shell
