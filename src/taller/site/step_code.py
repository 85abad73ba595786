"""Code of a step that lies in several places of one file: pymdownx.snippets shows only the first of them."""

import re
from pathlib import Path
from textwrap import dedent, indent

from taller.authoring.page import INCLUDE
from taller.authoring.regions import regions
from taller.catalog import Course, Lesson


def show_all_regions(markdown: str, course: Course, lesson: Lesson) -> str:
    """The page with such code in the place of its include; other includes are left to pymdownx."""

    def shown(match: re.Match[str]) -> str:
        name, _, step = match["path"].rpartition(":")
        path = course.root / name
        if not step or not path.is_file():
            return match[0]
        parts = _parts(path, step, lesson)
        return indent("\n\n".join(parts), _margin(match)) if len(parts) > 1 else match[0]

    return INCLUDE.sub(shown, markdown)


def _parts(path: Path, step: str, lesson: Lesson) -> list[str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found = [region for region in regions(text, path.name, lesson) if region.step == step]
    return [dedent("\n".join(lines[region.start + 1 : region.end])) for region in found]


def _margin(include: re.Match[str]) -> str:
    return include[0][: len(include[0]) - len(include[0].lstrip(" \t"))]
