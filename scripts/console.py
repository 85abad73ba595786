"""What the scripts print: plain lines, and on a terminal one last line that is rewritten while something runs."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

COLOURS = {"green": 32, "yellow": 33, "red": 31, "dim": 2}


class Console:
    """Print lines to `stream`; colours and a live status line only where a person watches a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._coloured = self.live and not os.environ.get("NO_COLOR")

    def paint(self, text: str, colour: str) -> str:
        """Return `text` in `colour`, or as it is where colours are not wanted."""
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self._coloured else text

    def line(self, text: str) -> None:
        """Print one lasting line in place of the live one."""
        self._stream.write(f"{self._erase()}{text}\n")
        self._stream.flush()

    def status(self, text: str) -> None:
        """Rewrite the live line; does nothing without a terminal."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(self._erase() + self.paint(text[:width], "dim"))
            self._stream.flush()

    def _erase(self) -> str:
        return "\r\x1b[2K" if self.live else ""
