"""Grade a submission from outside, over the wire: a pytest plugin, and a way to run it."""

from taller.grading.client import Answer, Client
from taller.grading.crowd import at_once, statuses
from taller.grading.draw import Draw
from taller.grading.engine import Grading, run
from taller.grading.report import Feedback, Report, StepResult, TestResult, Verdict
from taller.grading.reuse import apart, reuse
from taller.grading.starting import refuses_to_start, set_up_ahead
from taller.grading.unmet import Unmet, eventually, expect

__all__ = [
    "Answer",
    "Client",
    "Draw",
    "Feedback",
    "Grading",
    "Report",
    "StepResult",
    "TestResult",
    "Unmet",
    "Verdict",
    "apart",
    "at_once",
    "eventually",
    "expect",
    "refuses_to_start",
    "reuse",
    "run",
    "set_up_ahead",
    "statuses",
]
