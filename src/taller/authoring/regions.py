"""The parts of a file that belong to a step, between the markers of pymdownx.snippets' sections."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taller.authoring.errors import AuthoringError
from taller.catalog import Lesson

MARKER = re.compile(
    r"^(?P<indent>[ \t]*)(?P<comment>.*?)-+8<-+[ \t]+"
    r"\[[ \t]*(?P<kind>start|end)[ \t]*:[ \t]*(?P<step>.*?)[ \t]*\](?P<closing>.*)$"
)
DIRECTIVE = re.compile(r"^[ \t]*(#|//|--|/\*|<!--|\{#)[ \t]*starter:")


@dataclass(frozen=True)
class Region:
    """Lines of a file, counted from 0: ``start`` and ``end`` are the markers, ``first`` their first directive.

    ``comment`` and ``closing`` are what makes a line a comment there, such as ``"# "`` and ``""``; ``instead`` are the
    lines that take the region's place in a starter, None where nobody said; a bare ``starter:`` means no line at all.
    """

    step: str
    first: int
    start: int
    end: int
    indent: str
    comment: str
    closing: str
    instead: tuple[str, ...] | None


def regions(text: str, file: str, lesson: Lesson) -> list[Region]:
    """The regions of a file, in order.

    Raises ``AuthoringError`` with file and line for markers that do not pair up, lie inside each other or name no step
    of the lesson, and for ``starter:`` lines that stand before no region.
    """
    lines = text.splitlines()
    found = [_region(lines, start, end, marker) for start, end, marker in _pairs(lines, file, lesson)]
    used = {line for region in found for line in range(region.first, region.start)}
    for number, line in enumerate(lines):
        if DIRECTIVE.match(line) and number not in used:
            raise AuthoringError(f"{file}:{number + 1}: a 'starter:' line has to stand directly before a region")
    return found


def _pairs(lines: list[str], file: str, lesson: Lesson) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Where each region starts and ends, and its start marker."""
    known = {step.id for step in lesson.steps}
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines):
        marker = MARKER.match(line)
        if not marker:
            continue
        where, step = f"{file}:{number + 1}", marker["step"]
        if step not in known:
            raise AuthoringError(f"{where}: {step!r} is no step of {lesson.name}")
        if marker["kind"] == "start":
            if opened:
                raise AuthoringError(f"{where}: {step!r} starts inside {_opened(*opened)}")
            opened = number, marker
        elif opened and opened[1]["step"] == step:
            yield opened[0], number, opened[1]
            opened = None
        else:
            raise AuthoringError(f"{where}: {step!r} ends {f'inside {_opened(*opened)}' if opened else 'unopened'}")
    if opened:
        raise AuthoringError(f"{file}:{opened[0] + 1}: {opened[1]['step']!r} is never closed")


def _opened(number: int, marker: re.Match[str]) -> str:
    return f"{marker['step']!r}, which starts in line {number + 1}"


def _region(lines: list[str], start: int, end: int, marker: re.Match[str]) -> Region:
    directive = f"{marker['indent']}{marker['comment']}starter:"
    first = start
    while first > 0 and lines[first - 1].startswith(directive):
        first -= 1
    instead = tuple(_code(line[len(directive) :], marker["closing"]) for line in lines[first:start])
    return Region(
        step=marker["step"],
        first=first,
        start=start,
        end=end,
        indent=marker["indent"],
        comment=marker["comment"],
        closing=marker["closing"],
        instead=(instead if any(instead) else ()) if first < start else None,
    )


def _code(directive: str, closing: str) -> str:
    return directive.removesuffix(closing).removeprefix(" ")
