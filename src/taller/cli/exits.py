"""Exit statuses."""

PASSED = 0
FAILED = 1
WRONG_USE = 2
MACHINE = 3


class Exit(Exception):
    """End the command with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
