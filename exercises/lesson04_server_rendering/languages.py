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
    # TODO language: In the reader's language
    raise NotImplementedError("language")


def choose(header: str) -> str:
    """The language of ours that an Accept-Language header wants most; the first of equals, English without any."""
    # TODO language: In the reader's language
    return DEFAULT
