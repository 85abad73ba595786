"""A fence that shows a recorded terminal session in its colours.

A page names the recording, a text file with ANSI colours as a program wrote it:

    ```terminal
    lessons/assets/taller-check.ansi
    ```

To record: `FORCE_COLOR=1 COLUMNS=88 taller check lesson01 > lessons/assets/taller-check.ansi`, with the command itself
put before it as the first line.
"""

import io
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.plugins import get_plugin_logger
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

log = get_plugin_logger(__name__)

WIDER_THAN_ANY_LINE = 500
# Light enough for the dark background that .terminal in site.css has in both palettes. The background here is what dim
# text is mixed with; a lighter one than that keeps it legible.
THEME = TerminalTheme(
    background=(60, 84, 92),
    foreground=(227, 236, 239),
    normal=[
        (11, 33, 41),
        (255, 138, 128),
        (111, 207, 151),
        (255, 203, 107),
        (130, 170, 255),
        (214, 153, 255),
        (111, 203, 224),
        (227, 236, 239),
    ],
    bright=[
        (111, 133, 141),
        (255, 158, 150),
        (140, 225, 175),
        (255, 215, 135),
        (150, 185, 255),
        (225, 175, 255),
        (140, 220, 238),
        (255, 255, 255),
    ],
)


class TerminalFence:
    """Formatter for pymdownx.superfences; recordings are named relative to `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(
        self, source: str, language: str, css_class: str, options: Mapping[str, Any], md: Any, **_: Any
    ) -> str:
        """The recording as HTML. One that is not there is a warning, which ends a strict build."""
        path = self.root / source.strip()
        if not path.is_file():
            log.warning("terminal fence: there is no recording %s", source.strip())
            return f"<p>{escape(source)}</p>"
        session = _html(path.read_text(encoding="utf-8"))
        return f'<div class="terminal" data-search-exclude><pre tabindex="0">{session}</pre></div>'


def _html(recording: str) -> str:
    console = Console(record=True, file=io.StringIO(), width=WIDER_THAN_ANY_LINE, force_terminal=True)
    console.print(Text.from_ansi(recording), end="")
    return console.export_html(theme=THEME, code_format="{code}", inline_styles=True)
