"""What a plain pytest run shows and writes of the reports: a summary, and with ``--report`` a file."""

from pathlib import Path

import pytest

from taller.grading import Report
from taller.reports.as_json import as_json
from taller.reports.as_junit import as_junit


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--report``."""
    parser.getgroup("taller").addoption(
        "--report", type=Path, metavar="FILE", help="write the report as JSON, or as JUnit XML if it ends in .xml"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect the run's reports."""
    config.pluginmanager.register(_Reporter(config), "taller-reporter")


class _Reporter:
    def __init__(self, config: pytest.Config) -> None:
        self._path: Path | None = config.option.report
        self._reports: list[Report] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_taller_report(self, report: Report) -> None:
        self._reports.append(report)
        if self._path:
            text = as_junit(report) if self._path.suffix == ".xml" else as_json(report)
            self._path.write_text(text, encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for report in self._reports:
            terminalreporter.section(f"{report.lesson}: {report.earned} of {report.total} points")
            for step in report.steps:
                terminalreporter.line(f"{step.earned:>3} of {step.points}  {step.verdict:<8}  {step.title}")
