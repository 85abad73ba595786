"""What can be wrong with what an author wrote."""


class AuthoringError(Exception):
    """A part of a lesson that does not say what it has to; the message names the file, and the line where it can."""


class LearnersWork(AuthoringError):
    """A starter that cannot be written without losing what somebody wrote; ``files`` are what would be lost."""

    def __init__(self, lesson: str, files: list[str]) -> None:
        super().__init__(f"{lesson}: changed since the last sync, so not written anew: {', '.join(files)}")
        self.files = files
