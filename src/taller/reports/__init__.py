"""One ``Report`` in every format: a function each."""

from taller.reports.as_json import as_json
from taller.reports.as_junit import as_junit
from taller.reports.terminal import print_report

__all__ = ["as_json", "as_junit", "print_report"]
