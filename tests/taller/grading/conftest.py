"""Grading runs, each in a process of its own, on a course in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taller.catalog import Course
from taller.cli.grader import GradingRun
from taller.grading import Grading, Report

from .notes import CONFTEST, HEAD, PROGRAM, manifest, write

LONG = 100


@dataclass(frozen=True)
class Bed:
    """A course with the lesson ``lesson01_notes``, its suite, and a submission."""

    course: Course

    @property
    def submission(self) -> Path:
        """The folder of the submission."""
        return self.course.exercises / "lesson01_notes"

    def grade(self, *steps: str, seed: int | None = None, environment: Mapping[str, str] | None = None) -> Report:
        """Grade it as ``taller watch`` does."""
        lesson = Course(self.course.root).lesson("1")
        run = GradingRun(Grading(self.course, lesson, self.course.exercises, steps, seed), environment or {})
        assert run.poll(LONG)
        return run.result()

    def pytest(self, *options: str) -> tuple[str, dict[str, Any]]:
        """Grade it with a plain pytest: what that printed, and the report."""
        file = self.course.root / "report.json"
        file.unlink(missing_ok=True)
        suite = self.course.suite(self.course.lesson("1")).relative_to(self.course.root)
        # A node's id begins with the file, so it takes the suite's place.
        chosen = [option.replace("SUITE", str(suite)) for option in options]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--report={file}", *chosen]
        if not any("::" in option or option == "tests" for option in chosen):
            command.append(str(suite))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        done = subprocess.run(command, cwd=self.course.root, env=environment, capture_output=True, text=True)
        return done.stdout + done.stderr, json.loads(file.read_text()) if file.exists() else {}


MakeBed = Callable[..., Bed]


@pytest.fixture(scope="module")
def make_bed(tmp_path_factory: pytest.TempPathFactory) -> MakeBed:
    """Makes a course from its steps, the code of its suite, and a program."""

    def make_bed(
        steps: dict[str, tuple[str, ...]],
        suite: str,
        *,
        program: str = PROGRAM,
        procfile: str = "web: python app.py",
        extra: str = "",
    ) -> Bed:
        root = tmp_path_factory.mktemp("course")
        write(root / "lessons" / "lesson01_notes.toml", manifest(steps, extra))
        write(root / "tests" / "lessons" / "test_lesson01_notes.py", HEAD + suite)
        write(root / "tests" / "lessons" / "conftest.py", CONFTEST)
        write(root / "exercises" / "lesson01_notes" / "app.py", program)
        write(root / "exercises" / "lesson01_notes" / "Procfile", procfile)
        write(root / "pyproject.toml", '[tool.pytest.ini_options]\naddopts = "--import-mode=importlib"\n')
        for folder in ("src/taller", "solutions"):
            (root / folder).mkdir(parents=True)
        return Bed(Course(root))

    return make_bed
