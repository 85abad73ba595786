"""A trace as lines of text."""

from collections import Counter
from collections.abc import Iterator
from typing import Any


def drawn(spans: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each span, below the one that caused it; alike ones of the same parent are one line."""
    known = {span["spanId"] for span in spans}

    def below(parent: str | None, depth: int) -> Iterator[str]:
        children = [each for each in spans if (each["parentId"] if each["parentId"] in known else None) == parent]
        times = Counter((each["service"], each["name"]) for each in children)
        seen = set()
        for span in sorted(children, key=lambda each: float(each["start"])):
            kind = (span["service"], span["name"])
            if kind not in seen:
                seen.add(kind)
                again = f", {times[kind]} times" if times[kind] > 1 else ""
                name = f"{'  ' * depth}{span['name']}"
                yield f"{span['service']:<9} {name:<44.44} {span['duration']:7.1f} ms{again}"
                yield from below(span["spanId"], depth + 1)

    return below(None, 0)
