"""From save to verdict: ``python benchmarks/watch.py``.

``taller watch`` runs on a copy of the course in which one step of lesson01 is open; a file is saved again and again,
and the time is taken until the step's verdict is printed. What is claimed: a median under 0.8 s.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from taller.catalog import Course

LESSON = "lesson01_rest_crud"
STEP = "delete"
ROUNDS = 15
CLAIM_S = 0.8


def copy(course: Course, target: Path) -> Path:
    """A copy of the course whose exercise is the solution without one step; the file to save."""
    for name in ("lessons", "solutions", "tests", "src"):
        (target / name).symlink_to(course.root / name)
    exercise = target / "exercises" / LESSON
    shutil.copytree(course.solutions / LESSON, exercise, ignore=shutil.ignore_patterns("__pycache__"))
    file = exercise / "repository.py"
    text = file.read_text(encoding="utf-8")
    line = "return self._products.pop(product_id, None) is not None"
    assert line in text
    file.write_text(text.replace(line, f'raise NotImplementedError("{STEP}")'), encoding="utf-8")
    return file


def wait_for(output: IO[str], beginning: str) -> None:
    """Read lines until one begins so."""
    for line in output:
        if line.startswith(beginning):
            return
    raise SystemExit(f"taller watch ended before it printed {beginning!r}")


def save(file: Path, output: IO[str]) -> float:
    """Save the file, and return the seconds until the verdict."""
    began = time.perf_counter()
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    wait_for(output, f"  ✗ {STEP}")
    took = time.perf_counter() - began
    wait_for(output, "watching")
    # Nobody saves in the very moment in which a verdict appears.
    time.sleep(0.3)
    return took


def main() -> None:
    """Print the median, the best and the worst."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        target.chmod(0o755)
        file = copy(Course.find(), target)
        process = subprocess.Popen(
            [str(Path(sys.prefix) / "bin" / "taller"), "watch", LESSON],
            cwd=target,
            env={**os.environ, "COLUMNS": "120"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        wait_for(process.stdout, "watching")
        times = [save(file, process.stdout) for _ in range(ROUNDS)]
        process.terminate()
        process.wait()
    median = statistics.median(times)
    print(f"from save to verdict, {ROUNDS} saves: median {median:.2f} s (under {CLAIM_S} s), ", end="")
    print(f"best {min(times):.2f} s, worst {max(times):.2f} s")


if __name__ == "__main__":
    main()
