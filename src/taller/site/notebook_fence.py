"""A fence that shows a stored notebook cell, with its outputs, on a page.

A page names the notebook and a tag of the cell. A second line is the caption; a cell with a picture needs one, because
it is also what a screen reader reads out:

    ```notebook
    lesson10_work_queues#kill-a-worker
    What became of the messages
    ```
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.plugins import get_plugin_logger
from pymdownx.highlight import Highlight  # type: ignore[import-untyped]

from taller.site.notebook_cell import CellProblem, find_cell, render_outputs

log = get_plugin_logger(__name__)


class NotebookFence:
    """Formatter for pymdownx.superfences; notebooks are looked up in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, source: str, language: str, css_class: str, options: Mapping[str, Any], md: Any, **_: Any
    ) -> str:
        """The cell as HTML. One that cannot be shown is a warning, which ends a strict build."""
        name, _newline, caption = source.strip().partition("\n")
        try:
            return self._figure(name.strip(), caption.strip(), md)
        except CellProblem as problem:
            log.warning("notebook fence '%s': %s", name, problem)
            return f'<p class="notebook-missing">{escape(str(problem))}</p>'

    def _figure(self, name: str, caption: str, md: Any) -> str:
        notebook, _hash, tag = name.partition("#")
        cell = find_cell(self.folder / f"{notebook}.ipynb", tag)
        code = Highlight(md).highlight(cell.source, "python", css_class="highlight")
        legend = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        return f'<figure class="notebook">{code}{render_outputs(cell, caption)}{legend}</figure>'
