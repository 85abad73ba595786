"""Right solutions that look different: the suite must accept them."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from taller.authoring.errors import AuthoringError
from taller.authoring.starter import Files, files_of
from taller.catalog import Course, Lesson

SETTINGS = "variant.toml"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requires: tuple[str, ...] = ()
    overlay: bool = False


@dataclass(frozen=True)
class Variant:
    """Another right solution in ``folder``; with ``overlay`` the folder holds only what differs from ours."""

    name: str
    folder: Path
    requires: tuple[str, ...]
    overlay: bool

    @property
    def missing(self) -> list[str]:
        """The executables that it needs and this machine has not."""
        return [program for program in self.requires if shutil.which(program) is None]


def variants_of(course: Course, lesson: Lesson) -> list[Variant]:
    """The lesson's variants by name; raises ``AuthoringError`` for a ``variant.toml`` that is wrong."""
    folders = sorted((course.tests / "variants" / lesson.name).glob("*/"))
    return [_variant(folder, lesson) for folder in folders if files_of(folder)]


def variant_files(course: Course, lesson: Lesson, variant: Variant) -> Files:
    """The files of a submission that is this variant."""
    files = files_of(course.solutions / lesson.name) if variant.overlay else {}
    files |= files_of(variant.folder)
    files.pop(SETTINGS, None)
    return files


def _variant(folder: Path, lesson: Lesson) -> Variant:
    path = folder / SETTINGS
    where = f"variants/{lesson.name}/{folder.name}/{SETTINGS}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        settings = _Settings.model_validate(data)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise AuthoringError(f"{where}: {error}") from error
    return Variant(folder.name, folder, settings.requires, settings.overlay)
