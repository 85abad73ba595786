"""A manifest is read as it stands, or refused with the file's name and what is wrong."""

import re
from pathlib import Path

import pytest

from taller.catalog import CatalogError, Step
from taller.catalog.lesson import load

WHOLE = """
title = "Queues"
builds_on = ["lesson01_rest"]
services = ["rabbitmq"]
formation = { web = 1, worker = 2 }
workers = ["worker"]
environment = { RETRIES = "3" }

[[steps]]
id = "enqueue"
title = "Enqueue a task"
points = 2
given = true

[[steps]]
id = "retry-2"
title = "Try again"
points = 3
needs = ["enqueue"]
hints = ["a nudge", "nearly the answer"]
"""
STEP = '[[steps]]\nid = "{id}"\ntitle = "Serve"\npoints = {points}\n{rest}\n'
NEEDS_B = 'needs = ["b"]'


def step(id: str = "serve", points: object = 1, rest: str = "") -> str:  # noqa: A002
    """A step of a manifest."""
    return STEP.format(id=id, points=points, rest=rest)


def test_all_that_it_says(tmp_path: Path) -> None:
    path = tmp_path / "lesson10_queues.toml"
    path.write_text(WHOLE)

    lesson = load(path)

    assert (lesson.name, lesson.number, lesson.title, lesson.points) == ("lesson10_queues", 10, "Queues", 5)
    assert (lesson.builds_on, lesson.services) == (("lesson01_rest",), ("rabbitmq",))
    assert (lesson.formation, lesson.workers) == ({"web": 1, "worker": 2}, ("worker",))
    assert lesson.environment == {"RETRIES": "3"}
    assert lesson.steps == (
        Step("enqueue", "Enqueue a task", 2, (), (), given=True),
        Step("retry-2", "Try again", 3, ("enqueue",), ("a nudge", "nearly the answer")),
    )
    assert lesson.step("retry-2").title == "Try again"
    with pytest.raises(KeyError):
        lesson.step("retry")


def test_what_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "lesson01_rest.toml"
    path.write_text(f'title = "REST"\n{step()}')

    lesson = load(path)

    assert (lesson.builds_on, lesson.services, lesson.workers, lesson.environment) == ((), (), (), {})
    assert lesson.formation == {"web": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "Invalid value (at end of document)"),
        (b"title = 'caf\xe9'", "'utf-8' codec can't decode byte 0xe9"),
        (step(), "'title' is missing"),
        ('title = "A"', "'steps' is missing"),
        (f"title = 7\n{step()}", "'title' must be of type str, not int"),
        (f'title = "A"\nservices = "redis"\n{step()}', "'services' must be of type list, not str"),
        (f'title = "A"\nservice = []\nbuild = 1\n{step()}', "unknown: build, service"),
        ('title = "A"\nsteps = ["serve"]', "steps: 'serve' is no table"),
        ('title = "A"\n[[steps]]\ntitle = "A"', "'id' is missing"),
        ('title = "A"\n[[steps]]\nid = "a"', "step 'a': 'title' is missing"),
        (f'title = "A"\n{step(points="true and")}', "Expected newline or end of document"),
        (f'title = "A"\n{step(points=repr("3"))}', "step 'serve': 'points' must be of type int, not str"),
        (f'title = "A"\n{step(points=0)}', "step 'serve': points must be 1 or more"),
        (f'title = "A"\n{step(id="Serve it")}', "step 'Serve it': an id is lower-case words joined by hyphens"),
        (f'title = "A"\n{step(id="1st")}', "step '1st': an id is lower-case words joined by hyphens"),
        (f'title = "A"\n{step(rest="neds = []")}', "step 'serve': unknown: neds"),
        (f'title = "A"\n{step()}{step()}', "step 'serve' is there twice"),
        (
            f'title = "A"\n{step("a", rest=NEEDS_B)}{step("b")}',
            "step 'a' needs 'b', which is no earlier step",
        ),
        (f'title = "A"\n{step("b", rest=NEEDS_B)}', "step 'b' needs 'b', which is no earlier step"),
        (
            f'title = "A"\nbuilds_on = ["lesson10_more"]\n{step()}',
            "builds_on 'lesson10_more': only a lesson with a lower number can be built on",
        ),
        (f'title = "A"\nworkers = ["worker"]\n{step()}', "workers: 'worker' is not in the formation"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = tmp_path / "lesson09_files.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(CatalogError, match=f"^lesson09_files\\.toml: {re.escape(message)}"):
        load(path)


@pytest.mark.parametrize("name", ["lesson1_rest", "01_rest", "lesson01", "lesson01-rest", "lesson01_REST"])
def test_a_name_that_no_lesson_has(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(WHOLE)

    with pytest.raises(CatalogError, match=f"^{name}\\.toml: a lesson is called lessonNN_topic$"):
        load(path)
