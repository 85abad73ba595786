"""One lesson's suite as part of a later lesson's."""

import importlib.util
import inspect
import sys
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def reuse(suite: Path, *, step: str, of: Container[str] | None = None) -> dict[str, Any]:
    """What another suite defines, its tests and their fixtures above all, with each test now of ``step``.

    ``of`` are the steps of the other lesson whose tests are wanted, where that is not all.

    A suite takes it in by ``globals().update(reuse(Path(__file__).with_name("test_….py"), step="…"))``: pytest
    collects what is in a module's namespace. The file is run anew for each call, so that the tests of its own lesson
    keep their steps.
    """
    defined = vars(_of_step(suite, step, of))
    return {name: value for name, value in defined.items() if not name.startswith("__")}


@dataclass(frozen=True)
class Apart:
    """A suite within another, whose names do not meet the names of others; see ``apart``."""

    module: ModuleType


def apart(suite: Path, *, step: str, fixtures: Mapping[str, object] | None = None) -> Apart:
    """As ``reuse``, for a suite that takes in several: ``Users = apart(Path(…), step="…")``.

    ``fixtures`` take the place of the suite's own, where what it looks for is now elsewhere.
    """
    module = _of_step(suite, step)
    for name, fixture in (fixtures or {}).items():
        setattr(module, name, fixture)
    return Apart(module)


class ApartCollector(pytest.Class):
    """Collects a suite that is apart, as if it were a class: what lives as long as the outer module lives on."""

    def _module(self) -> ModuleType:
        found: Apart = getattr(self.parent.obj, self.name)  # type: ignore[union-attr]
        return found.module

    def _getobj(self) -> type:
        tests = {name: staticmethod(value) for name, value in vars(self._module()).items() if name.startswith("test_")}
        return type(self.name, (), tests)

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """The suite's tests, which find its fixtures before those around."""
        self.session._fixturemanager.parsefactories(holder=self._module(), node=self)
        return super().collect()


def _of_step(suite: Path, step: str, of: Container[str] | None = None) -> ModuleType:
    module = _load(suite, f"{suite.stem}_as_{step.replace('-', '_')}")
    for name, value in list(vars(module).items()):
        if name.startswith("test_") and inspect.isfunction(value):
            marks = getattr(value, "pytestmark", [])
            if of is not None and not any(mark.name == "step" and mark.args[0] in of for mark in marks):
                delattr(module, name)
                continue
            others = [mark for mark in marks if mark.name != "step"]
            value.pytestmark = [*others, pytest.mark.step(step).mark]  # type: ignore[attr-defined]
    return module


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
