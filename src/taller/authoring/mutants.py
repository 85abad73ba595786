"""Wrong solutions that a suite must catch: small changes to the right one."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from taller.authoring.errors import AuthoringError
from taller.authoring.starter import Files, files_of
from taller.catalog import Course, Lesson


def _regular_expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return pattern


class Change(BaseModel):
    """``find``, which stands exactly once in a file of the solution, becomes ``replace``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    find: str = Field(min_length=1)
    replace: str


class Mutant(BaseModel):
    """A plausible mistake: ``step`` must fail with feedback in which ``says`` is found, whatever its case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    step: str
    why: str = Field(min_length=1)
    says: Annotated[str, Field(min_length=1), AfterValidator(_regular_expression)]
    changes: list[Change] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mutants: list[Mutant] = []


def mutants_file(course: Course, lesson: Lesson) -> Path:
    """Where the lesson's mutants are told."""
    return course.tests / "mutants" / f"{lesson.name}.toml"


def mutants_of(course: Course, lesson: Lesson) -> list[Mutant]:
    """The lesson's mutants, none when it has no file of them.

    Raises ``AuthoringError`` with the file and the mutant for what is missing, misspelt, there twice, or about a step
    that the lesson has not.
    """
    path = mutants_file(course, lesson)
    if not path.exists():
        return []
    try:
        mutants = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).mutants
    except tomllib.TOMLDecodeError as error:
        raise AuthoringError(f"mutants/{path.name}: {error}") from error
    except ValidationError as error:
        raise AuthoringError(f"mutants/{path.name}: {_first(error)}") from error
    _check(mutants, path.name, lesson)
    return mutants


def mutated(course: Course, lesson: Lesson, mutant: Mutant) -> Files:
    """The solution with the mutant's changes; raises ``AuthoringError`` for one that does not fit."""
    files = files_of(course.solutions / lesson.name)
    for change in mutant.changes:
        where = f"mutants/{lesson.name}.toml: mutant {mutant.id!r}"
        if change.file not in files:
            raise AuthoringError(f"{where}: the solution has no file {change.file!r}")
        text = files[change.file].decode()
        times = text.count(change.find)
        if times != 1:
            found = "not found" if times == 0 else f"found {times} times"
            raise AuthoringError(f"{where}: {change.find!r} is {found} in {change.file}, not once")
        files[change.file] = text.replace(change.find, change.replace).encode()
    return files


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _check(mutants: list[Mutant], file: str, lesson: Lesson) -> None:
    steps = {step.id for step in lesson.steps}
    seen: set[str] = set()
    for mutant in mutants:
        if mutant.step not in steps:
            raise AuthoringError(f"mutants/{file}: mutant {mutant.id!r}: {mutant.step!r} is no step of {lesson.name}")
        if mutant.id in seen:
            raise AuthoringError(f"mutants/{file}: mutant {mutant.id!r} is there twice")
        seen.add(mutant.id)
