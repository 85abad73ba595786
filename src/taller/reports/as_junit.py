"""A report as JUnit XML, for CI systems (https://github.com/testmoapp/junitxml)."""

import re
from xml.etree import ElementTree as Xml

from taller.grading import Report, StepResult, TestResult, Verdict

ELEMENTS = {
    Verdict.FAILED: "failure",
    Verdict.TIMEOUT: "failure",
    Verdict.CRASHED: "failure",
    Verdict.ERROR: "error",
    Verdict.BLOCKED: "skipped",
    Verdict.NOT_RUN: "skipped",
}
# XML 1.0 has no way to write these (https://www.w3.org/TR/xml/#charsets).
NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """A test suite for each step, a test case for each test; points and seed are properties."""
    root = Xml.Element("testsuites", name=report.lesson, time=f"{report.seconds:.3f}")
    _properties(root, submission=report.submission, seed=report.seed, earned=report.earned, total=report.total)
    for step in report.steps:
        root.append(_suite(report, step))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: Report, step: StepResult) -> Xml.Element:
    kinds = [ELEMENTS.get(test.verdict) for test in step.tests]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite = Xml.Element("testsuite", name=f"{report.lesson}.{step.step_id}", tests=str(len(step.tests)))
    suite.attrib |= {name: str(kinds.count(kind)) for name, kind in counts.items()}
    suite.set("time", f"{sum(test.seconds for test in step.tests):.3f}")
    _properties(suite, verdict=step.verdict, earned=step.earned, points=step.points)
    for test in step.tests:
        suite.append(_case(suite.get("name", ""), test))
    return suite


def _case(class_name: str, test: TestResult) -> Xml.Element:
    case = Xml.Element("testcase", classname=class_name, name=_clean(test.name), time=f"{test.seconds:.3f}")
    kind = ELEMENTS.get(test.verdict)
    if kind:
        detail = Xml.SubElement(case, kind, type=test.verdict, message=f"{test.verdict}: {_clean(test.name)}")
        detail.text = _clean(str(test.feedback or ""))
    return case


def _properties(parent: Xml.Element, **values: object) -> None:
    properties = Xml.SubElement(parent, "properties")
    for name, value in values.items():
        Xml.SubElement(properties, "property", name=name, value=_clean(str(value)))


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
