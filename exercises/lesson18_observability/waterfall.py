"""A trace as a picture: a bar for each span, where it begins and as long as it takes."""

from collections.abc import Sequence
from html import escape

from lesson18_observability.spans import Span

ROW, INDENT, NAMES, BARS, TIMES = 26, 14, 330, 420, 80
WIDTH = NAMES + BARS + TIMES
COLOURS = ("#3f6fb5", "#b5632f", "#3d8a5f", "#8a5fb0", "#a8485e", "#5d7f8c")

# It stands alone and on pages, light and dark: text has the colour of what is around it.
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    'font-family="sans-serif" font-size="13" fill="currentColor" role="img" aria-label="{label}">'
)


def waterfall(spans: Sequence[tuple[int, Span]]) -> str:
    """An SVG of a trace; ``spans`` come with their depth, as ``Traces.spans`` gives them, at least one."""
    began = min(span.start_ns for _, span in spans)
    took = max(max(span.end_ns for _, span in spans) - began, 1)
    services = list(dict.fromkeys(span.service for _, span in spans))
    rows = [
        _row(number, depth, span, COLOURS[services.index(span.service) % len(COLOURS)], began, took)
        for number, (depth, span) in enumerate(spans)
    ]
    label = f"{len(spans)} spans of {len(services)} services in {milliseconds(took)}"
    head = HEAD.format(width=WIDTH, height=ROW * len(spans), label=label)
    return "".join([head, *rows, "</svg>"])


def milliseconds(nanoseconds: int) -> str:
    """A duration for people."""
    return f"{nanoseconds / 1e6:.1f} ms"


def _row(number: int, depth: int, span: Span, colour: str, began: int, took: int) -> str:
    middle = number * ROW + 17
    left = NAMES + BARS * (span.start_ns - began) / took
    width = max(BARS * (span.end_ns - span.start_ns) / took, 2)
    text = f"{span.service}: {span.name}"
    shown = text if len(text) <= 46 - 2 * depth else f"{text[: 45 - 2 * depth]}…"
    mark = '<tspan fill="#c0392b"> ✗</tspan>' if span.failed else ""
    return (
        f"<g><title>{escape(text)} ({span.kind})</title>"
        f'<text x="{depth * INDENT}" y="{middle}">{escape(shown)}{mark}</text>'
        f'<rect x="{left:.1f}" y="{number * ROW + 5}" width="{width:.1f}" height="{ROW - 10}" rx="3" fill="{colour}"/>'
        f'<text x="{WIDTH}" y="{middle}" text-anchor="end">{milliseconds(span.end_ns - span.start_ns)}</text></g>'
    )
