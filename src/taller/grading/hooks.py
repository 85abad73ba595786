"""What other plugins may hear of a grading run."""

from taller.grading.report import Report, TestResult


def pytest_taller_report(report: Report) -> None:
    """Called at the end of the run, once for every lesson that was graded."""


def pytest_taller_result(result: TestResult) -> None:
    """Called when a test has its verdict."""


def pytest_taller_progress(line: str) -> None:
    """Called when something takes its time before the first test, such as a server that has to be fetched."""
