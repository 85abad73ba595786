"""Points are given for what the run has seen, and for nothing else, whichever way pytest is called."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Bed, MakeBed
from .notes import PROGRAM

STEPS: dict[str, tuple[str, ...]] = {"first": (), "second": ("first",), "third": ("second",), "fourth": ()}
SUITE = """
@pytest.mark.step("fourth")
def test_d(web):
    web.get("/health").has_status(200)

@pytest.mark.step("first")
@pytest.mark.parametrize("path", ["/one", "/two", "/three"])
def test_a(web, path):
    expect(web.get(path).field("path", str) == path, path)

@pytest.mark.step("second")
def test_b(web, draw):
    answer = web.post(f"/{draw.token()}")
    expect(False, draw.name(), [answer.field("path", str), draw.integer(1, 10**9), str(draw.price())])

@pytest.mark.step("third")
def test_c(web):
    web.get("/health").has_status(200)
"""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def bed(make_bed: MakeBed) -> Bed:
    """A submission that fails the second step, so that the third is blocked."""
    return make_bed(STEPS, SUITE)


@pytest.fixture(scope="module")
def whole(bed: Bed) -> tuple[str, Json]:
    """A run of everything."""
    return bed.pytest("--seed=3")


def verdicts(report: Json) -> dict[str, str]:
    """Of the steps."""
    return {step["step_id"]: step["verdict"] for step in report["steps"]}


def results(report: Json) -> list[tuple[str, str]]:
    """What ran, with its verdict, in the order of the names: with xdist the order is by chance."""
    return sorted((test["name"], test["verdict"]) for step in report["steps"] for test in step["tests"])


def feedback(report: Json, step: str) -> Json:
    """Of a step's first test, without what the system gives out by chance."""
    [found] = [each for each in report["steps"] if each["step_id"] == step]
    return dict(found["tests"][0]["feedback"])


def test_a_whole_run(whole: tuple[str, Json]) -> None:
    output, report = whole

    assert verdicts(report) == {"first": "passed", "second": "failed", "third": "blocked", "fourth": "passed"}
    assert (report["earned"], report["total"]) == (1 + 4, 1 + 2 + 3 + 4)
    assert "--seed 3" in output
    assert re.search(r"lesson01_notes: 5 of 10 points", output)
    assert [step["tests"][0]["name"][0] for step in report["steps"]] == ["a", "b", "c", "d"]


def test_pytest_shows_feedback_and_no_traceback(whole: tuple[str, Json]) -> None:
    output, _ = whole

    assert "failed: b\n" in output
    assert "read on   lessons/en/lesson01_notes.md#second" in output
    assert "Unmet" not in output.split("short test summary")[0]
    assert "/grading/" not in output


def test_the_steps_run_in_the_order_of_the_manifest(bed: Bed) -> None:
    output, _ = bed.pytest("-v")

    assert re.findall(r"::test_(\w)", output.split("= FAILURES")[0]) == ["a", "a", "a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-k", "one or test_d"], {"first": "not run", "second": "not run", "third": "not run", "fourth": "passed"}),
        (["--step=first"], {"first": "passed", "second": "not run", "third": "not run", "fourth": "not run"}),
        (["-x"], {"first": "passed", "second": "failed", "third": "not run", "fourth": "not run"}),
        (["SUITE::test_a[/two]"], {"first": "not run", "second": "not run", "third": "not run", "fourth": "not run"}),
        (["SUITE::test_d"], {"first": "not run", "second": "not run", "third": "not run", "fourth": "passed"}),
        (["--step=third"], {"first": "not run", "second": "not run", "third": "passed", "fourth": "not run"}),
    ],
)
def test_a_part_of_a_step_proves_nothing(bed: Bed, options: list[str], expected: dict[str, str]) -> None:
    _, report = bed.pytest(*options)

    assert verdicts(report) == expected
    assert report["earned"] == sum(n for n, step in enumerate(expected, 1) if expected[step] == "passed")


def test_tests_left_out_because_they_passed_before_prove_nothing(bed: Bed) -> None:
    flaky = bed.course.root / "flaky"
    suite = bed.course.suite(bed.course.lesson("1"))
    kept = suite.read_text()
    again = f"\n    expect(path != '/two' or os.path.exists({str(flaky)!r}), 'it to be there')\n"
    suite.write_text(kept.replace("    expect(web.get(path)", f"{again}    expect(web.get(path)"))
    options = ["-p", "cacheprovider", "-o", f"cache_dir={bed.course.root / 'cache'}"]
    try:
        assert verdicts(bed.pytest(*options)[1])["first"] == "failed"
        flaky.touch()
        # pytest collects all of a file that is named, so a folder is.
        _, report = bed.pytest(*options, "--lf", "tests")
    finally:
        suite.write_text(kept)

    assert results(report)[0] == ("a[/two]", "passed")
    assert verdicts(report)["first"] == "not run"


def test_several_workers_find_the_same(bed: Bed, whole: tuple[str, Json]) -> None:
    output, report = bed.pytest("--seed=3", "-n", "2")

    assert "2 workers" in output
    assert verdicts(report) == verdicts(whole[1])
    assert (report["earned"], report["total"], report["seed"]) == (5, 10, 3)
    assert [name for name, _ in results(report)] == [name for name, _ in results(whole[1])]
    assert feedback(report, "second") == feedback(whole[1], "second")


def test_the_same_seed_draws_the_same_values(bed: Bed, whole: tuple[str, Json]) -> None:
    same, other = bed.grade("second", seed=3), bed.grade("second")

    assert same.seed == 3
    assert str(same.step("second").tests[0].feedback).splitlines()[:2] == [
        f"expected  {feedback(whole[1], 'second')['expected']}",
        f"got       {feedback(whole[1], 'second')['got']}",
    ]
    assert other.seed != 3
    assert other.step("second").tests[0].feedback != same.step("second").tests[0].feedback


def test_what_a_program_prints_changes_nothing(make_bed: MakeBed, whole: tuple[str, Json]) -> None:
    lie = json.dumps(whole[1]).replace('"failed"', '"passed"')
    claims = f"print({lie!r})\nprint('10 of 10 points\\n4 passed in 0.01s\\x1b[2J', flush=True)\nimport sys\n"
    liar = make_bed(STEPS, SUITE, program=claims + PROGRAM)

    output, report = liar.pytest("--seed=3", "--submission", str(liar.submission))

    assert verdicts(report) == verdicts(whole[1])
    assert "10 of 10" not in output
    assert report["submission"] == str(liar.submission)


def test_logs_are_kept_where_they_are_wanted(bed: Bed, tmp_path: Path) -> None:
    bed.pytest("--logs", str(tmp_path), "--step=fourth")

    assert (tmp_path / "web.1.log").read_text() == "GET /health\nGET /health\n"


def test_other_tests_are_left_alone(bed: Bed) -> None:
    other = bed.course.root / "tests" / "test_of_somebody.py"
    other.write_text("def test_it():\n    assert 1 == 2\n")

    output, report = bed.pytest(f"{other}::test_it")

    assert "assert 1 == 2" in output
    assert "1 failed" in output
    assert report == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('@pytest.mark.step("third")\n', ""), "test_c: it has no @pytest.mark.step"),
        (('step("third")', 'step("thrid")'), "test_c: its step 'thrid' is not in lesson01_notes.toml"),
    ],
)
def test_a_suite_with_a_test_of_no_step_does_not_run(bed: Bed, change: tuple[str, str], message: str) -> None:
    suite = bed.course.suite(bed.course.lesson("1"))
    kept = suite.read_text()
    suite.write_text(kept.replace(*change))
    try:
        output, report = bed.pytest()
    finally:
        suite.write_text(kept)

    assert message in output
    assert report == {}


def test_an_unknown_step_is_refused(bed: Bed) -> None:
    output, report = bed.pytest("--step=fifth")

    assert "lesson01_notes has no step 'fifth'; it has first, second, third, fourth" in output
    assert report == {}
