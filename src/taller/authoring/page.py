"""What a lesson's page holds: headings, included regions, console sessions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taller.catalog import Course, Lesson

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w-]*).*$")
HEADING = re.compile(r"^(?P<level>#+)[ \t]+(?P<title>.*?)[ \t]*(\{[^}]*?#(?P<id>[\w-]+)[^}]*\})?[ \t]*$")
INCLUDE = re.compile(r"^[ \t]*-+8<-+[ \t]+[\"'](?P<path>[^\"']+)[\"'][ \t]*$", re.MULTILINE)
PROMPT, CONTINUATION = "$ ", "> "


@dataclass(frozen=True)
class Heading:
    """A heading in line ``line`` (from 1); ``id`` is empty where the page gives none."""

    line: int
    level: int
    title: str
    id: str


@dataclass(frozen=True)
class Exchange:
    """A command that the page shows, as a reader would type it, in line ``line`` (from 1), and what it prints."""

    line: int
    command: str
    output: tuple[str, ...]


def pages_of(course: Course, lesson: Lesson) -> list[Path]:
    """The lesson's page in every language that has any page; those that are not written yet too."""
    languages = sorted({path.parent.name for path in course.lessons_dir.glob("*/*.md")} | {"en"})
    return [course.page(lesson, language) for language in languages]


def headings(text: str) -> list[Heading]:
    """The headings of a page, but not the comments in its code."""
    fenced = {number for start, lines, _ in _blocks(text) for number in range(start, start + len(lines))}
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = HEADING.match(line)
        if match and number not in fenced:
            found.append(Heading(number, len(match["level"]), match["title"], match["id"] or ""))
    return found


def includes(text: str) -> set[str]:
    """What the page takes in from files, such as ``solutions/lesson01_rest_crud/routes.py:create``."""
    return {match["path"] for match in INCLUDE.finditer(text)}


def exchanges(text: str) -> list[Exchange]:
    """The commands in the page's ``console`` blocks, in order, each with the output shown below it."""
    found = []
    for start, lines, language in _blocks(text):
        if language == "console":
            found += _exchanges(start, lines)
    return found


def _blocks(text: str) -> Iterator[tuple[int, list[str], str]]:
    """The fenced blocks: number of the first line inside (from 1), the lines without their indentation, language."""
    opening: re.Match[str] | None = None
    block: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if opening is None:
            opening, block = FENCE.match(line), []
        elif line.strip() == opening["fence"]:
            yield number - len(block), block, opening["language"]
            opening = None
        else:
            block.append(line.removeprefix(opening["indent"]))


def _exchanges(start: int, lines: list[str]) -> list[Exchange]:
    found: list[Exchange] = []
    for number, line in enumerate(lines, start):
        last = found[-1] if found else None
        if line.startswith(PROMPT):
            found.append(Exchange(number, line.removeprefix(PROMPT), ()))
        elif last and last.command.endswith("\\"):
            found[-1] = Exchange(last.line, f"{last.command}\n{line.removeprefix(CONTINUATION)}", ())
        elif last:
            found[-1] = Exchange(last.line, last.command, (*last.output, line))
    return found
