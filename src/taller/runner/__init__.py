"""Run a folder's Procfile as confined processes, wait until they can serve, and end them all."""

from taller.runner.errors import NotStarted, ProcfileError, RunnerError, SubmissionNotFound
from taller.runner.process import Process
from taller.runner.submission import Submission
from taller.runner.system import System

__all__ = ["NotStarted", "Process", "ProcfileError", "RunnerError", "Submission", "SubmissionNotFound", "System"]
