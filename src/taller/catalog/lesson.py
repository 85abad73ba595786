"""A lesson and its steps, as its manifest gives them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taller.catalog.errors import CatalogError

NAME = re.compile(r"lesson(\d\d)_[a-z0-9_]+")
STEP_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FIELDS = {"title", "builds_on", "services", "formation", "workers", "environment", "steps"}
STEP_FIELDS = {"id", "title", "points", "needs", "hints", "given"}


@dataclass(frozen=True)
class Step:
    """One promise of a lesson, worth ``points``.

    ``needs`` are the steps that must hold before this one can be judged; ``given`` steps are already written in the
    starter, as an example of how a step looks when it is done.
    """

    id: str
    title: str
    points: int
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    given: bool = False


@dataclass(frozen=True)
class Lesson:
    """What ``lessons/lessonNN_topic.toml`` says.

    ``formation`` tells how many of each process run; those named in ``workers`` serve no port and are ready when they
    print a line with the word "ready". ``environment`` is what they get beyond ports, services and each other's URLs;
    a value may hold one of those, as in ``${WEB_URL}/path``.
    """

    name: str
    title: str
    builds_on: tuple[str, ...]
    services: tuple[str, ...]
    formation: dict[str, int]
    workers: tuple[str, ...]
    environment: dict[str, str]
    steps: tuple[Step, ...]

    @property
    def number(self) -> int:
        """1 for lesson01_rest_crud."""
        return int(self.name[len("lesson") :][:2])

    @property
    def points(self) -> int:
        """All that can be earned."""
        return sum(step.points for step in self.steps)

    def step(self, step_id: str) -> Step:
        """The step of that id; ``KeyError`` if there is none."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


def load(path: Path) -> Lesson:
    """Read a manifest; raises ``CatalogError`` with the file's name and what is wrong with it."""
    if not NAME.fullmatch(path.stem):
        raise CatalogError(f"{path.name}: a lesson is called lessonNN_topic")
    try:
        return _lesson(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path.name}: {error}") from error
    except CatalogError as error:
        raise CatalogError(f"{path.name}: {error}") from error


def _lesson(name: str, data: dict[str, Any]) -> Lesson:
    unknown = data.keys() - FIELDS
    if unknown:
        raise CatalogError(f"unknown: {', '.join(sorted(unknown))}")
    lesson = Lesson(
        name=name,
        title=_field(data, "title", str),
        builds_on=tuple(_field(data, "builds_on", list, [])),
        services=tuple(_field(data, "services", list, [])),
        formation=_field(data, "formation", dict, {"web": 1}),
        workers=tuple(_field(data, "workers", list, [])),
        environment=_field(data, "environment", dict, {}),
        steps=tuple(_step(step) for step in _field(data, "steps", list)),
    )
    _check(lesson)
    return lesson


def _step(data: Any) -> Step:
    if not isinstance(data, dict):
        raise CatalogError(f"steps: {data!r} is no table, as [[steps]] begins one")
    step = Step(
        id=_field(data, "id", str),
        title=_field(data, "title", str),
        points=_field(data, "points", int),
        needs=tuple(_field(data, "needs", list, [])),
        hints=tuple(_field(data, "hints", list, [])),
        given=_field(data, "given", bool, False),
    )
    unknown = data.keys() - STEP_FIELDS
    if unknown:
        raise CatalogError(f"step {step.id!r}: unknown: {', '.join(sorted(unknown))}")
    if not STEP_ID.fullmatch(step.id):
        raise CatalogError(f"step {step.id!r}: an id is lower-case words joined by hyphens")
    if step.points < 1:
        raise CatalogError(f"step {step.id!r}: points must be 1 or more")
    return step


def _field(data: dict[str, Any], key: str, kind: type, default: Any = None) -> Any:
    where = f"step {data['id']!r}: " if "id" in data else ""
    value = data.get(key, default)
    if value is None:
        raise CatalogError(f"{where}{key!r} is missing")
    if not isinstance(value, kind):
        raise CatalogError(f"{where}{key!r} must be of type {kind.__name__}, not {type(value).__name__}")
    return value


def _check(lesson: Lesson) -> None:
    """Steps come once and after those they need; lessons build on lower numbers only."""
    seen: set[str] = set()
    for step in lesson.steps:
        if step.id in seen:
            raise CatalogError(f"step {step.id!r} is there twice")
        missing = set(step.needs) - seen
        if missing:
            raise CatalogError(f"step {step.id!r} needs {sorted(missing)[0]!r}, which is no earlier step")
        seen.add(step.id)
    for other in lesson.builds_on:
        if other >= lesson.name:
            raise CatalogError(f"builds_on {other!r}: only a lesson with a lower number can be built on")
    for worker in lesson.workers:
        if worker not in lesson.formation:
            raise CatalogError(f"workers: {worker!r} is not in the formation")
