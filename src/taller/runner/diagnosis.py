"""What went wrong, read off the end of a log: the error's own words, and the line of the learner's code."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PYTHON_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
# Most are named for what they are; others, such as psycopg.errors.UndefinedTable, are known by their module.
PYTHON_ERROR = re.compile(
    r"^(?:(?:\w+\.)*\w*(?:Error|Exception|Warning|Interrupt|Exit)\w*(?::.*)?|(?:\w+\.)+[A-Z]\w*: .*)$", re.MULTILINE
)
NODE_PLACE = re.compile(r"^(?:file://)?(?P<file>/[^\s:]+|[^\s:(]+\.[cm]?[jt]s):(?P<line>\d+)$", re.MULTILINE)
NODE_ERROR = re.compile(r"^\s*(?:Uncaught )?\w*Error(?: \[\w+\])?: .*$", re.MULTILINE)


@dataclass(frozen=True)
class Diagnosis:
    """An error and where it came from, as far as the log tells."""

    error: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.error} ({self.file}, line {self.line})" if self.file else self.error


def diagnose(log: str, folder: str) -> Diagnosis | None:
    """Find the last error in a log; of its places, the last that is in ``folder`` (as the log writes it)."""
    log = "\n".join(_unpacked(line) for line in log.splitlines())
    for place, error in ((PYTHON_FRAME, PYTHON_ERROR), (NODE_PLACE, NODE_ERROR)):
        errors = list(error.finditer(log))
        if not errors:
            continue
        before = [match for match in place.finditer(log) if match.start() < errors[-1].start()]
        own = [match for match in before if folder in match["file"]]
        text = errors[-1][0].strip()
        return Diagnosis(text, own[-1]["file"], int(own[-1]["line"])) if own else Diagnosis(text)
    return None


def _unpacked(line: str) -> str:
    """The texts in a line of JSON, a line each: structured loggers put a stack trace into one."""
    if not line.startswith("{"):
        return line
    try:
        return "\n".join(_texts(json.loads(line)))
    except (ValueError, RecursionError):
        return line


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
