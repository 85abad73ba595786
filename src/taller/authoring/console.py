"""The console sessions of a page, run against the solution: what the page shows is what happens."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from taller.authoring.outcome import LessonProof, Outcome
from taller.authoring.page import Exchange, exchanges, pages_of
from taller.catalog import Lesson
from taller.grading.bench import allocated, variables_of
from taller.runner import Submission, System

FIRST_PORT = 8000
LONGEST_COMMAND_S = 60
CURL = re.compile(r"\bcurl\b")
DATE = re.compile(r"^date: ", re.IGNORECASE)
ANY_LINES = ("...", "…")


class PageIsTrue(LessonProof):
    """Every curl command on the page prints what the page shows below it.

    The commands run in their order, against one fresh run of the solution for each language's page. On the page
    the processes that serve have the ports from 8000 up. A line ``...`` stands for any lines, ``…`` within a line for
    any text; header lines with the date are not compared.
    """

    sentence = "the page's commands print what it shows"

    def __call__(self) -> Outcome:
        """Run the pages' commands."""
        if not shutil.which("curl"):
            return Outcome(skipped="not on this machine: curl")
        problems: list[str] = []
        for page in pages_of(self.course, self.lesson):
            if page.exists():
                name = page.relative_to(self.course.root).as_posix()
                problems += [f"{name}:{problem}" for problem in self._problems(page.read_text(encoding="utf-8"))]
        return Outcome(tuple(problems))

    def _problems(self, text: str) -> list[str]:
        shown = requests_on(text)
        if not shown:
            return ["1: shows no request and its answer"]
        place = Submission.locate(self.course, self.lesson, self.course.solutions)
        with (
            allocated(self.lesson, private=False, announce=lambda line: None) as services,
            System(place, variables_of(services)) as system,
            tempfile.TemporaryDirectory() as folder,
        ):
            ports = ports_of(self.lesson, system)
            return [problem for exchange in shown for problem in _compare(exchange, ports, Path(folder))]


def requests_on(text: str) -> list[Exchange]:
    """The requests that a page makes with curl, each with the answer that it shows."""
    return [exchange for exchange in exchanges(text) if CURL.search(exchange.command)]


def ports_of(lesson: Lesson, system: System) -> dict[int, int]:
    """The real port of each port on the page."""
    serving = [name for name in lesson.formation if name not in lesson.workers]
    real = [system.processes(name)[0].port for name in serving]
    return {shown: port for shown, port in enumerate(real, FIRST_PORT) if port}


def _compare(exchange: Exchange, ports: dict[int, int], folder: Path) -> Iterator[str]:
    printed = play(exchange.command, ports, folder)
    if not matches(exchange.output, printed):
        shown = "\n".join(exchange.output)
        yield f"{exchange.line}: {exchange.command}\nthe page shows:\n{shown}\nit prints:\n" + "\n".join(printed)


def play(command: str, ports: dict[int, int], folder: Path) -> list[str]:
    """Run a page's command in ``folder`` with the real ports; the lines it prints, with the page's ports again."""
    for shown, real in ports.items():
        command = re.sub(rf"\b(localhost|127\.0\.0\.1):{shown}\b", rf"\g<1>:{real}", command)
    # On a terminal curl shows no progress of what it prints there.
    (folder / ".curlrc").write_text("no-progress-meter\n", encoding="utf-8")
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "CURL_HOME": str(folder), "NO_PROXY": "*"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST_COMMAND_S,
    )
    printed = result.stdout.decode(errors="replace")
    for shown, real in ports.items():
        printed = re.sub(rf":{real}\b", f":{shown}", printed)
    return printed.splitlines()


def matches(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether what a page shows is what was printed, but for dates, trailing blanks and what is left out."""
    pattern = "".join(_pattern(line) for line in _plain(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(printed))) is not None


def _plain(lines: tuple[str, ...] | list[str]) -> list[str]:
    kept = [line.rstrip() for line in lines if not DATE.match(line)]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _pattern(line: str) -> str:
    if line.strip() in ANY_LINES:
        return r"(?:.*\n)*"
    return ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
