"""Proofs of a lesson that really runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from taller.authoring import sync
from taller.authoring.check import check, proofs_of
from taller.authoring.outcome import Proved
from taller.authoring.workers import prove
from taller.catalog import Course

Write = Callable[[Path, str], None]


@pytest.fixture
def change(shop: Course, write: Write) -> Callable[[str, str, str], None]:
    """Changes the text of a file of the course."""

    def change(file: str, old: str, new: str) -> None:
        text = (shop.root / file).read_text()
        assert old in text
        write(shop.root / file, text.replace(old, new))

    return change


def proved(course: Course, sentence: str) -> dict[str, Proved]:
    """The proofs whose name has this in it, made."""
    proofs = [proof for proof in proofs_of(course, course.lesson("lesson02")) if re.search(sentence, proof.name)]
    assert proofs
    return {each.proof.name.partition(": ")[2]: each for each in prove(proofs, 2, {})}


def test_a_new_lesson_holds_but_for_what_is_left_to_write(shop: Course) -> None:
    lines: list[str] = []

    result = check(shop, [shop.lesson("lesson02")], progress=lines.append)

    assert [each.proof.name for each in result.proved if each.outcome.problems] == [
        "lesson02_greetings: has all parts, and they speak of the same steps"
    ]
    assert not result.holds
    assert result.skipped == []
    assert len(result.proved) == 10
    assert len(lines) == 11
    assert lines[-1].startswith("again, alone: ")
    assert result.unsteady == ()
    assert result.summary().startswith("10 proofs in ")


def test_what_holds_only_when_it_is_tried_again_holds_and_is_told(shop: Course, tmp_path: Path) -> None:
    suite = shop.suite(shop.lesson("lesson02"))
    stumble = f"""
import pytest

@pytest.fixture(autouse=True)
def stumbles_once(web):
    import pathlib
    stumbled = pathlib.Path({str(tmp_path / "stumbled")!r})
    if not stumbled.exists():
        stumbled.touch()
        pytest.fail("a deadline was missed")
"""
    suite.write_text(suite.read_text() + stumble)

    result = check(shop, [shop.lesson("lesson02")], progress=lambda _: None, workers=1)

    solution = "lesson02_greetings: the solution earns every point"
    assert [each.proof.name for each in result.unsteady] == [solution]
    assert solution not in "".join(result.problems)
    assert result.summary().endswith(f"held only when tried again alone:\n  {solution}")


def test_mutants_that_are_not_caught_or_not_explained_are_told(
    shop: Course, change: Callable[[str, str, str], None]
) -> None:
    mutants = "tests/mutants/lesson02_greetings.toml"
    change(mutants, 'replace = \'return {"status": "OK"}\'', "replace = 'return dict(status=\"ok\")'")
    change(mutants, 'says = \'expected +\\{"status": "ok"\\}\'', "says = 'a field of that name'")

    found = proved(shop, "mutant")

    [equivalent] = found["health catches the mutant health-in-capitals"].outcome.problems
    [unexplained] = found["health catches the mutant health-by-another-name"].outcome.problems
    assert equivalent.startswith("the step does not catch it (passed): The value is a fixed word")
    assert unexplained.startswith("caught, but the feedback does not say 'a field of that name':\n")
    assert 'expected  {"status": "ok"}' in unexplained


STEP = """[[steps]]
id = "{0}"
title = "{0}"
points = 1
hints = ["one", "two"]

"""
REGION = """    # --8<-- [start:{0}]
    pass
    # --8<-- [end:{0}]
"""
TEST = """@pytest.mark.step("{0}")
def test_{0}(web: Client) -> None:
    web.get("/health").has_status(200)


"""


def test_a_step_that_needs_a_later_one_is_told(shop: Course, change: Callable[[str, str, str], None]) -> None:
    def before(file: str, what: str, *added: str) -> None:
        change(file, what, "".join(added) + what)

    app = "solutions/lesson02_greetings/app.py"
    before("lessons/lesson02_greetings.toml", "[[steps]]", STEP.format("first"), STEP.format("second"))
    before(app, "    app = FastAPI(", REGION.format("first"))
    before(app, "    # --8<-- [start:health]", REGION.format("second"))
    before(
        "tests/lessons/test_lesson02_greetings.py",
        '@pytest.mark.step("health")',
        TEST.format("first"),
        TEST.format("second"),
    )

    found = proved(Course(shop.root), "before what comes after")

    [problem] = found["first can be done before what comes after it"].outcome.problems
    assert "NotImplementedError: second" in problem
    assert found["second can be done before what comes after it"].outcome.problems == ()


def test_nothing_more_is_run_once_a_mutant_is_caught(shop: Course, write: Write, tmp_path: Path) -> None:
    suite = shop.suite(shop.lesson("lesson02"))
    later = f"def test_that_comes_later():\n    open({str(tmp_path / 'reached')!r}, 'w').close()\n"
    write(suite, f'{suite.read_text()}\n\n@pytest.mark.step("health")\n{later}')

    found = proved(shop, "mutant health-in-capitals")

    assert [each.outcome.problems for each in found.values()] == [()]
    assert not (tmp_path / "reached").exists()


def test_a_solution_and_a_variant_that_lose_points_are_told_with_feedback(
    shop: Course, change: Callable[[str, str, str], None]
) -> None:
    change("solutions/lesson02_greetings/app.py", '"ok"', '"fine"')
    change("tests/variants/lesson02_greetings/starlette/main.py", '"ok"', '"fine"')

    found = proved(shop, "earns every point")

    for each in found.values():
        [problem] = each.outcome.problems
        assert problem.startswith("0 of 1 points: health failed (seed ")
        assert '{"status":"fine"}' in problem
    assert len(found) == 2


def test_a_starter_that_does_not_run_is_told(shop: Course, change: Callable[[str, str, str], None]) -> None:
    change("solutions/lesson02_greetings/__main__.py", "settings =", "import nowhere\nsettings =")

    [each] = proved(shop, "the starter runs").values()

    assert "the starter does not run" in each.outcome.problems[0]
    assert "No module named 'nowhere'" in each.outcome.problems[0]


def test_a_starter_that_earns_an_open_step_is_told(shop: Course, change: Callable[[str, str, str], None]) -> None:
    change("lessons/lesson02_greetings.toml", "given = true\n", "")
    change(
        "solutions/lesson02_greetings/app.py",
        "    # --8<-- [start:health]",
        '    # starter: return {"status": "ok"}\n    # --8<-- [start:health]',
    )

    [each] = proved(Course(shop.root), "the starter runs").values()

    assert each.outcome.problems == ("step 'health' is left open, but the starter earns its points",)


def test_a_page_that_shows_another_answer_is_told(shop: Course, change: Callable[[str, str, str], None]) -> None:
    change("lessons/en/lesson02_greetings.md", '{"status":"ok"}', '{"status":"fine"}')

    [each] = proved(shop, "the page's commands").values()

    [problem] = each.outcome.problems
    assert re.sub(r":\d+: ", ": ", problem) == (
        "lessons/en/lesson02_greetings.md: curl localhost:8000/health\n"
        'the page shows:\n{"status":"fine"}\nit prints:\n{"status":"ok"}'
    )


def test_a_notebook_that_raises_is_told(shop: Course, change: Callable[[str, str, str], None]) -> None:
    change("notebooks/lesson02_greetings.ipynb", 'assert answer == {\\"status\\": \\"ok\\"}', "assert not answer")

    [each] = proved(shop, "the notebook").values()

    assert each.outcome.problems[0].startswith("lesson02_greetings.ipynb: a cell raises AssertionError")


def test_a_sync_mends_an_exercise_that_is_out_of_date(shop: Course, change: Callable[[str, str, str], None]) -> None:
    change("solutions/lesson02_greetings/app.py", '"ok"', '"fine"')
    [before] = proved(shop, "the exercise").values()
    sync(shop, shop.lesson("lesson02"))
    [after] = proved(shop, "the exercise").values()

    assert before.outcome.problems
    assert not after.outcome.problems
