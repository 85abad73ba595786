"""The end of a file that another process writes to."""

from pathlib import Path

MOST_BYTES = 256 * 1024


def last_lines(path: Path, lines: int) -> str:
    """At most so many whole lines, of at most ``MOST_BYTES`` together; empty when there is no file yet."""
    # --8<-- [start:logs]
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - MOST_BYTES, 0))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "".join(text.splitlines(keepends=True)[-lines:])
    # --8<-- [end:logs]
