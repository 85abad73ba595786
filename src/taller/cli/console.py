"""Where commands print: results to standard output, progress and trouble to standard error.

rich colours only a terminal, and honours NO_COLOR (https://no-color.org).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# What is printed comes from learners and their programs as well: brackets and colons in it are no mark-up.
console = Console(highlight=False, markup=False, emoji=False)
errors = Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(data: object) -> None:
    """Print data for other programs."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Show on a terminal that something takes its time."""
    with errors.status(text) if errors.is_terminal else _quiet():
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    yield


def announce(line: str) -> None:
    """Tell of progress; several threads may call it."""
    errors.print(line, style="dim")
