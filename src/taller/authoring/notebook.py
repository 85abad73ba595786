"""A lesson's notebook, run from the first cell to the last against the real lesson."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from taller.authoring.outcome import LessonProof, Outcome
from taller.catalog import Course

LONGEST_CELL_S = 120
KERNEL = "python3"


class NotebookRuns(LessonProof):
    """The notebook raises nothing, and every cell that prints or shows something has its output stored."""

    sentence = "the notebook runs, and its outputs are stored"

    def __call__(self) -> Outcome:
        """Run a copy of it with an empty folder as its working directory."""
        path = self.course.notebook(self.lesson)
        if not path.exists():
            return Outcome(skipped="there is no notebook yet")
        stored, fresh = _read(path), _read(path)
        try:
            _execute(fresh, self.course)
        except CellExecutionError as error:
            return Outcome((f"{path.name}: {_what_failed(error)}",))
        except (CellTimeoutError, DeadKernelError) as error:
            return Outcome((f"{path.name}: {error}",))
        return Outcome(tuple(f"{path.name}: {problem}" for problem in _unstored(stored, fresh)))


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def _execute(notebook: Any, course: Course) -> None:
    # Below the course, where ``Course.find`` looks up from.
    course.progress.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=course.progress) as folder:
        client = NotebookClient(
            notebook, timeout=LONGEST_CELL_S, kernel_name=KERNEL, resources={"metadata": {"path": folder}}
        )
        client.execute(env={**os.environ, "IPYTHONDIR": folder})


def _what_failed(error: CellExecutionError) -> str:
    return f"a cell raises {error.ename}: {error.evalue}\n{error.traceback}"


def _unstored(stored: Any, fresh: Any) -> Iterator[str]:
    for number, (before, after) in enumerate(zip(stored.cells, fresh.cells, strict=True), 1):
        if after.get("outputs") and not before.get("outputs"):
            yield f"cell {number} has no stored output; run the notebook and save it"
        if any(output.output_type == "error" for output in before.get("outputs", ())):
            yield f"cell {number} has an error stored; run the notebook and save it"
