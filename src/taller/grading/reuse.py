"""One lesson's suite as part of a later lesson's."""

import importlib.util
import inspect
import sys
from collections.abc import Container
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
    module = _load(suite, f"{suite.stem}_as_{step.replace('-', '_')}")
    defined = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    for name, value in list(defined.items()):
        if name.startswith("test_") and inspect.isfunction(value):
            marks = getattr(value, "pytestmark", [])
            if of is not None and not any(mark.name == "step" and mark.args[0] in of for mark in marks):
                del defined[name]
                continue
            others = [mark for mark in marks if mark.name != "step"]
            value.pytestmark = [*others, pytest.mark.step(step).mark]  # type: ignore[attr-defined]
    return defined


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
