"""What other plugins may hear of a grading run."""

from taller.grading.report import Report, TestResult


def pytest_taller_report(report: Report) -> None:
    """Called at the end of the run, once for every lesson that was graded."""


def pytest_taller_test(result: TestResult) -> None:
    """Called when a test has been judged."""
