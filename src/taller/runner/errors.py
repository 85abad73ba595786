"""Why a submission does not run."""


class RunnerError(Exception):
    """A submission that cannot be run; the message is for the person who wrote it."""


class SubmissionNotFound(RunnerError):
    """There is no such folder, or no work on this lesson in it."""


class ProcfileError(RunnerError):
    """No Procfile, or one that cannot be read; the message names file and line."""


class ConfinementError(RunnerError):
    """The machine cannot run other people's code apart from ours; the message says what would help."""


class NotStarted(RunnerError):
    """A process that ended, or did not get ready in time.

    ``hung`` tells the second from the first, ``log`` is the end of what it printed.
    """

    def __init__(self, message: str, *, log: str = "", hung: bool = False) -> None:
        super().__init__(message)
        self.log = log
        self.hung = hung
