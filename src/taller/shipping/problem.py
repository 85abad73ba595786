"""What is wrong with a file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A rule that a file breaks: ``where`` names the place in it, such as ``Dockerfile:7`` or ``services.web``."""

    where: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}"


class Unreadable(Exception):
    """A file that is not of its kind at all; the message says where and why."""
