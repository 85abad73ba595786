"""What a file is, by what is in it: neither its name nor its sender decides."""

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

PLAIN_TEXT = "text/plain"
CHUNK = 64 * 1024
EDGE = 1024

# What a browser, or a server that runs PHP, might take for a program, wherever in a file it stands.
PROGRAM = re.compile(rb"<(?:script|html|svg|iframe|\?php)", re.IGNORECASE)
LONGEST_PROGRAM = len(b"<script") - 1
MARKUP = re.compile(r"<[A-Za-z/!?]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Format:
    """How files of one type begin and end, as regular expressions."""

    media_type: str
    begins: bytes
    ends: bytes


FORMATS = (
    Format("image/png", rb"\x89PNG\r\n\x1a\n", rb"IEND\xaeB`\x82"),
    Format("image/jpeg", rb"\xff\xd8\xff", rb"\xff\xd9"),
    Format("image/gif", rb"GIF8[79]a", rb";"),
    Format("image/webp", rb"RIFF[\s\S]{4}WEBP", rb""),
    Format("application/pdf", rb"%PDF-", rb"%%EOF[\r\n]*"),
)


def pieces(content: BinaryIO) -> Iterator[bytes]:
    """The content from its beginning, piece by piece."""
    content.seek(0)
    while piece := content.read(CHUNK):
        yield piece


def edges(content: BinaryIO) -> tuple[bytes, bytes, int]:
    """The first bytes, the last bytes, and how many there are in all."""
    size = content.seek(0, os.SEEK_END)
    content.seek(max(0, size - EDGE))
    end = content.read(EDGE)
    content.seek(0)
    return content.read(EDGE), end, size


def has_program(content: BinaryIO) -> bool:
    """Whether there is markup in it that could be run; also where two pieces meet."""
    # TODO types: Judge a file by what is in it
    raise NotImplementedError("types")


def is_plain_text(content: BinaryIO) -> bool:
    """Whether it is UTF-8, without control characters and without markup."""
    # TODO types: Judge a file by what is in it
    raise NotImplementedError("types")


def media_type_of(content: BinaryIO) -> str | None:
    """The type of a file, if it is one of those that are allowed, and that alone from its first byte to its last."""
    # TODO types: Judge a file by what is in it
    return PLAIN_TEXT
