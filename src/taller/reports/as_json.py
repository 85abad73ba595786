"""A report as JSON, for other programs."""

import json

from taller.grading import Report


def as_json(report: Report) -> str:
    """The report's own fields, by the names they have in ``taller.grading.report``."""
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=2)
