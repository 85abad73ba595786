"""One report in every format."""

import json
from io import StringIO
from xml.etree import ElementTree as Xml

import pytest
from rich.console import Console

from taller.grading import Feedback, Report, StepResult, TestResult, Verdict
from taller.reports import as_json, as_junit, print_report

NASTY = "NUL \0, bell \a, \x1b[2J\x1b]0;title\x07, ]]>, <b>&amp;, \ud800, ñ, 🪶, [bold]x[/bold], :smile:"
SAME = Feedback(expected="a program that starts", got="it ended", log="SyntaxError")


def outcome(name: str, step: str, verdict: Verdict, feedback: Feedback | None = None) -> TestResult:
    """A test that took a tenth of a second."""
    return TestResult(name, step, verdict, 0.1, feedback)


def step_result(step: str, verdict: Verdict, *tests: TestResult) -> StepResult:
    """A step worth two points."""
    return StepResult(step, step.title(), verdict, 2, 2 if verdict is Verdict.PASSED else 0, tests)


@pytest.fixture
def report() -> Report:
    """A report with every verdict."""
    nasty = Feedback("GET /", NASTY, NASTY, NASTY, "page#b")
    return Report(
        "lesson01_small",
        "exercises",
        42,
        1.25,
        (
            step_result("a", Verdict.PASSED, outcome("it passes", "a", Verdict.PASSED)),
            step_result(
                "b",
                Verdict.FAILED,
                outcome("it passes too", "b", Verdict.PASSED),
                outcome("it fails", "b", Verdict.FAILED, nasty),
                outcome("it fails as well", "b", Verdict.FAILED, nasty),
            ),
            step_result("c", Verdict.TIMEOUT, outcome("it hangs", "c", Verdict.TIMEOUT, SAME)),
            step_result("d", Verdict.CRASHED, outcome("it dies", "d", Verdict.CRASHED, SAME)),
            step_result("e", Verdict.BLOCKED, outcome("it waits", "e", Verdict.BLOCKED, Feedback(got="not judged"))),
            step_result("f", Verdict.ERROR, outcome("ours", "f", Verdict.ERROR, Feedback(got="our trouble"))),
            step_result("g", Verdict.NOT_RUN),
        ),
    )


def printed(report: Report, *, every_test: bool = False, terminal: bool = False) -> str:
    """What a terminal, or a file, gets of it."""
    file = StringIO()
    console = Console(file=file, width=200, force_terminal=terminal, color_system="standard" if terminal else None)
    print_report(console, report, title="Small", every_test=every_test)
    return file.getvalue()


def test_json_says_all(report: Report) -> None:
    data = json.loads(as_json(report))

    assert data.keys() == {"lesson", "submission", "seed", "seconds", "steps", "earned", "total", "verdict"}
    assert (data["earned"], data["total"], data["verdict"]) == (2, 14, "error")
    step = data["steps"][1]
    assert step.keys() == {"step_id", "title", "verdict", "points", "earned", "tests"}
    test = step["tests"][1]
    assert test.keys() == {"name", "step", "verdict", "seconds", "feedback"}
    assert test["feedback"].keys() == {"sent", "expected", "got", "log", "read_on"}
    assert test["feedback"]["got"] == NASTY.replace("\ud800", "?")
    as_json(report).encode()


def test_json_holds_what_the_report_was_made_of(report: Report) -> None:
    data = json.loads(as_json(report))

    steps = tuple(
        StepResult(
            **{
                **step,
                "verdict": Verdict(step["verdict"]),
                "tests": tuple(TestResult.from_dict(test) for test in step["tests"]),
            }
        )
        for step in data["steps"]
    )
    assert Report(data["lesson"], data["submission"], data["seed"], data["seconds"], steps) == report


def test_junit_counts_add_up(report: Report) -> None:
    root = Xml.fromstring(as_junit(report))

    assert [suite.get("name") for suite in root][1:3] == ["lesson01_small.a", "lesson01_small.b"]
    for suite in root.findall("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        for counter, element in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            assert int(suite.get(counter, "")) == len(suite.findall(f"testcase/{element}"))
    kinds = ["failure", "error", "skipped"]
    assert [len(root.findall(f"testsuite/testcase/{kind}")) for kind in kinds] == [4, 1, 1]
    properties = {each.get("name"): each.get("value") for each in root.findall("properties/property")}
    assert properties == {"submission": "exercises", "seed": "42", "earned": "2", "total": "14"}


def test_junit_survives_what_xml_cannot_say(report: Report) -> None:
    [failure, _] = Xml.fromstring(as_junit(report)).findall("testsuite[2]/testcase/failure")

    assert failure.get("message") == "failed: it fails"
    assert failure.text
    assert "NUL \ufffd, bell \ufffd, \ufffd[2J\ufffd]0;title\ufffd, ]]>, <b>&amp;, ?, ñ, 🪶" in failure.text


def test_a_file_gets_no_escape_codes(report: Report) -> None:
    text = printed(report)

    assert "\x1b" not in text
    assert "lesson01_small  Small" in text
    assert "2 of 14 points" in text
    assert "exercises, 1.2 s; the same values again: --seed 42" in text


def test_a_terminal_gets_colours_but_none_of_the_programs(report: Report) -> None:
    text = printed(report, terminal=True)

    assert "\x1b[32m" in text
    assert "\x1b[2J" not in text
    assert "\x1b]0" not in text
    assert "\ufffd[2J" in text


def test_no_color_is_honoured(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[32m" not in printed(report, terminal=True)


def test_brackets_are_no_markup(report: Report) -> None:
    assert "[bold]x[/bold], :smile:" in printed(report)


def test_every_step_has_a_line_with_its_verdict(report: Report) -> None:
    lines = [line.split() for line in printed(report).splitlines()[1:]]

    assert ["✓", "a", "A", "2/2"] in lines
    for step, mark in (("b", "✗ failed"), ("c", "✗ timeout"), ("d", "✗ crashed"), ("e", "· blocked"), ("f", "! error")):
        sign, verdict = mark.split()
        assert [sign, step, step.upper(), "0/2", verdict] in lines
    assert ["·", "g", "G", "0/2", "not", "run"] in lines


def test_the_first_failure_of_a_step_is_explained_and_the_others_are_counted(report: Report) -> None:
    text = printed(report)

    assert "it fails\n        sent      GET /\n" in text
    assert "it fails as well" not in text
    assert "and 1 more of its 3 tests" in text
    assert "it waits" not in text


def test_every_failure_is_explained_when_asked(report: Report) -> None:
    text = printed(report, every_test=True)

    assert "more of its" not in text
    assert text.count("sent      GET /") == 1
    assert text.count("for the same reason") == 2


def test_the_same_explanation_is_said_once(report: Report) -> None:
    text = printed(report)

    assert text.count("a program that starts") == 1
    assert "it hangs" in text
    assert "it dies" not in text
    assert text.count("for the same reason") == 1
