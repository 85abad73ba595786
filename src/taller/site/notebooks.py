"""A fence that shows a stored notebook cell, with its outputs, on a page.

A page names the notebook and a tag of the cell:

    ```notebook
    lesson10_work_queues#kill-a-worker
    ```
"""

import base64
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from markdown import Markdown
from mkdocs.plugins import get_plugin_logger
from nbformat import NotebookNode
from pymdownx.highlight import Highlight

log = get_plugin_logger(__name__)

ANSI_STYLE = re.compile(r"\x1b\[[0-9;]*m")
ACTIVE_HTML = re.compile(r"<script|<iframe|\son\w+\s*=", re.IGNORECASE)


class CellNotFound(Exception):
    """The page names a notebook or a cell that is not there."""


class NotebookFence:
    """Formatter for pymdownx.superfences; notebooks are looked up in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        source: str,
        language: str,
        css_class: str,
        options: Mapping[str, Any],
        md: Markdown,
        **_: Any,
    ) -> str:
        """The cell as HTML. A cell that is not there becomes a warning, which ends a strict build."""
        name, _separator, tag = source.strip().partition("#")
        try:
            return render(find_cell(self.folder / f"{name}.ipynb", tag), md)
        except (CellNotFound, UnsafeOutput) as problem:
            log.warning("notebook fence '%s': %s", source.strip(), problem)
            return f'<p class="notebook-missing">{escape(str(problem))}</p>'


class UnsafeOutput(Exception):
    """A stored output holds HTML that could run code."""


def find_cell(path: Path, tag: str) -> NotebookNode:
    """The code cell of the notebook at `path` that carries `tag`; CellNotFound when there is not exactly one."""
    if not path.is_file():
        raise CellNotFound(f"there is no notebook {path.name}")
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]
    cells = [cell for cell in tagged if cell.cell_type == "code"]
    if len(cells) != 1:
        raise CellNotFound(f"{path.name} has {len(cells)} code cells with the tag '{tag}', not one")
    return cells[0]


def render(cell: NotebookNode, md: Markdown) -> str:
    """A code cell and its stored outputs as HTML."""
    code = Highlight(md).highlight(cell.source, "python", css_class="highlight")
    outputs = "".join(f'<div class="notebook-output">{render_output(output)}</div>' for output in cell.outputs)
    return f'<div class="notebook">{code}{outputs}</div>'


def render_output(output: NotebookNode) -> str:
    """One output, in the richest of its formats that needs no script."""
    match output.output_type:
        case "stream":
            return preformatted(output.text)
        case "error":
            return preformatted("\n".join(output.traceback))
        case _:
            return render_data(output.data)


def render_data(data: Mapping[str, str]) -> str:
    """A display's MIME bundle; UnsafeOutput when its HTML is active."""
    if "image/svg+xml" in data:
        return image("image/svg+xml", base64.b64encode(data["image/svg+xml"].encode()).decode(), data)
    if "image/png" in data:
        return image("image/png", data["image/png"].replace("\n", ""), data)
    if "text/html" in data:
        return inert_html(data["text/html"])
    return preformatted(data["text/plain"])


def image(mime: str, content: str, data: Mapping[str, str]) -> str:
    """`content` (base64) as an image that is part of the page; an SVG in an img element runs no scripts."""
    return f'<img alt="{escape(data.get("text/plain", ""))}" src="data:{mime};base64,{content}">'


def inert_html(html: str) -> str:
    """`html` as it is; UnsafeOutput when it holds a script, a frame or an event handler."""
    if ACTIVE_HTML.search(html):
        raise UnsafeOutput("its stored HTML output has a script, a frame or an event handler")
    return html


def preformatted(text: str) -> str:
    """Terminal text as a block, without its colours."""
    return f"<pre><code>{escape(ANSI_STYLE.sub('', text))}</code></pre>"
