"""Stored notebook cells, and their outputs as HTML that loads nothing and runs nothing."""

import base64
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ANSI_STYLE = re.compile(r"\x1b\[[0-9;]*m")
ACTIVE_HTML = re.compile(r"<script|<iframe|<link|\bon\w+\s*=|https?://", re.IGNORECASE)


class CellProblem(Exception):
    """A cell is not there, or cannot be shown; the message says why."""


def find_cell(path: Path, tag: str) -> NotebookNode:
    """The one code cell of the notebook at `path` that has `tag`; raises CellProblem when there is none, or more."""
    if not path.is_file():
        raise CellProblem(f"there is no notebook {path.name}")
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    cells: list[NotebookNode] = [
        cell for cell in notebook.cells if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])
    ]
    if len(cells) != 1:
        raise CellProblem(f"{path.name} has {len(cells)} code cells with the tag '{tag}', not one")
    return cells[0]


def render_outputs(cell: NotebookNode, description: str) -> str:
    """What the cell printed and drew; `description` stands for its pictures where they cannot be seen."""
    return "".join(f'<div class="notebook-output">{_output(output, description)}</div>' for output in cell.outputs)


def _output(output: NotebookNode, description: str) -> str:
    match output.output_type:
        case "stream":
            return _preformatted(output.text)
        case "error":
            return _preformatted("\n".join(output.traceback))
        case _:
            return _richest(output.data, description)


def _richest(data: Mapping[str, str], description: str) -> str:
    """The best of an output's formats that needs no script."""
    if "image/svg+xml" in data:
        return _image("image/svg+xml", base64.b64encode(data["image/svg+xml"].encode()).decode(), description)
    if "image/png" in data:
        return _image("image/png", data["image/png"].replace("\n", ""), description)
    if "text/html" in data:
        return _inert(data["text/html"])
    return _preformatted(data["text/plain"])


def _image(mime: str, content: str, description: str) -> str:
    """An image whose base64 `content` is part of the page; an SVG inside an img element runs no scripts."""
    if not description:
        raise CellProblem("it has a picture, so the fence needs a caption as its second line")
    return f'<img alt="{escape(description)}" src="data:{mime};base64,{content}">'


def _inert(html: str) -> str:
    if ACTIVE_HTML.search(html):
        raise CellProblem("its HTML output has a script, a frame, an event handler or an address")
    return html


def _preformatted(text: str) -> str:
    return f"<pre><code>{escape(ANSI_STYLE.sub('', text))}</code></pre>"
