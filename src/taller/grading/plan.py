"""Which tests run, and in which order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from taller.catalog import Course, Lesson


def lesson_of(course: Course, path: Path) -> Lesson | None:
    """The lesson that a file is the suite of."""
    wanted = path.resolve()
    return next((lesson for lesson in course.lessons if course.suite(lesson).resolve() == wanted), None)


def step_of(item: pytest.Item) -> str | None:
    """The id of the step that a test is marked with."""
    marker = item.get_closest_marker("step")
    return str(marker.args[0]) if marker and marker.args else None


def check_steps(lesson: Lesson, items: Iterable[pytest.Item]) -> None:
    """Raise ``pytest.UsageError`` when a test has no step, or one that the manifest does not know."""
    known = [step.id for step in lesson.steps]
    for item in items:
        step = step_of(item)
        if step not in known:
            what = f"its step {step!r} is not in {lesson.name}.toml" if step else "it has no @pytest.mark.step"
            raise pytest.UsageError(f"{item.nodeid}: {what}")


def in_order(lesson: Lesson, items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests by step, in the manifest's order: what others need comes first."""
    order = {step.id: number for number, step in enumerate(lesson.steps)}
    return sorted(items, key=lambda item: order[step_of(item) or ""])


def whole(config: pytest.Config, own: Sequence[pytest.Item]) -> Iterator[pytest.Item]:
    """All tests of the file that these come from, also those that ``file::test`` or ``--lf`` left uncollected."""
    module = own[0].getparent(pytest.Module)
    if module and (any("::" in argument for argument in config.args) or getattr(config.option, "lf", False)):
        yield from _items_of(module)
    else:
        yield from own


def _items_of(collector: pytest.Collector) -> Iterator[pytest.Item]:
    for node in collector.collect():
        if isinstance(node, pytest.Item):
            yield node
        elif isinstance(node, pytest.Collector):
            yield from _items_of(node)


def count_by_step(items: Iterable[pytest.Item]) -> dict[str, int]:
    """How many tests each step has."""
    return dict(Counter(step_of(item) or "" for item in items))
