"""Which language a reader gets (RFC 9110, section 12.5.4)."""

import re
from collections.abc import Iterator

LANGUAGES = ("en", "es")
DEFAULT = "en"
RANGE = re.compile(r"\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.I)


def wishes(header: str) -> Iterator[tuple[str, float]]:
    """Each language that an Accept-Language names, without its region, and how much it is wanted: from 0 to 1.

    What is malformed is passed over: a header that nobody wrote by hand must not cost the reader the page.
    """
    # --8<-- [start:language]
    for part in header.split(","):
        if match := RANGE.fullmatch(part):
            language, quality = match.groups()
            yield language.lower().split("-")[0], float(quality or 1)
    # --8<-- [end:language]


def choose(header: str) -> str:
    """The language of ours that an Accept-Language header wants most; the first of equals, English without any."""
    # starter: return DEFAULT
    # --8<-- [start:language]
    wanted = [(language, quality) for language, quality in wishes(header) if quality > 0]
    for language, _ in sorted(wanted, key=lambda wish: -wish[1]):
        if language in LANGUAGES:
            return language
        if language == "*":
            break
    return DEFAULT
    # --8<-- [end:language]
