"""A new lesson: all of its parts, small and whole, with what is left to write marked in them."""

import re
from pathlib import Path

from taller.authoring.errors import AuthoringError
from taller.authoring.sync import sync
from taller.catalog import Course
from taller.catalog.lesson import NAME

SKELETON = Path(__file__).parent / "skeleton"
ENDING = ".template"
TITLE = re.compile(r'[^\s"\\][^"\\\n]*')


def new(course: Course, name: str, title: str = "") -> list[Path]:
    """Write the parts of a new lesson and sync it; the files that were written. Without a title the topic is one.

    Raises ``AuthoringError`` for a name that is no lesson's or is taken, and for a title that would need quoting.
    """
    match = NAME.fullmatch(name)
    if not match:
        raise AuthoringError(
            f"{name!r}: a lesson is called lessonNN_topic, in small letters, such as lesson22_my_topic"
        )
    title = title or name.partition("_")[2].replace("_", " ").capitalize()
    if not TITLE.fullmatch(title):
        raise AuthoringError(f"{title!r}: a title is one line without quotation marks and backslashes")
    taken = [lesson.name for lesson in course.lessons if lesson.number == int(match[1])]
    if taken:
        raise AuthoringError(f"{name}: lesson {match[1]} is {taken[0]}; take another number")
    files = {course.root / path: text for path, text in _files(name, title).items()}
    existing = [path.relative_to(course.root).as_posix() for path in files if path.exists()]
    if existing:
        raise AuthoringError(f"{name}: there is already {existing[0]}")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    grown = Course(course.root)
    sync(grown, grown.lesson(name))
    return list(files)


def _files(name: str, title: str) -> dict[str, str]:
    """The skeleton's files for this lesson, by path relative to the course."""
    tokens = {"LESSON_NAME": name, "LESSON_TITLE": title, "LESSON_SHORT": name.partition("_")[0]}
    return {
        _fill(path.relative_to(SKELETON).as_posix().removesuffix(ENDING), tokens): _fill(
            path.read_text("utf-8"), tokens
        )
        for path in sorted(SKELETON.rglob(f"*{ENDING}"))
    }


def _fill(text: str, tokens: dict[str, str]) -> str:
    for token, value in tokens.items():
        text = text.replace(token, value)
    return text
