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
    # --8<-- [start:types]
    before = b""
    for piece in pieces(content):
        if PROGRAM.search(before + piece):
            return True
        before = piece[-LONGEST_PROGRAM:]
    return False
    # --8<-- [end:types]


def is_plain_text(content: BinaryIO) -> bool:
    """Whether it is UTF-8, without control characters and without markup."""
    # --8<-- [start:types]
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = ""
    try:
        for piece in pieces(content):
            text = before + decoder.decode(piece)
            if CONTROL.search(text) or MARKUP.search(text):
                return False
            before = text[-1:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
    # --8<-- [end:types]


def media_type_of(content: BinaryIO) -> str | None:
    """The type of a file, if it is one of those that are allowed, and that alone from its first byte to its last."""
    # starter: return PLAIN_TEXT
    # --8<-- [start:types]
    begin, end, size = edges(content)
    found = next((known for known in FORMATS if re.match(known.begins, begin)), None)
    if found is None:
        return PLAIN_TEXT if is_plain_text(content) else None
    if found.media_type == "image/webp":
        is_whole = int.from_bytes(begin[4:8], "little") == size - 8
    else:
        is_whole = re.search(rb"(?:%b)\Z" % found.ends, end) is not None
    return found.media_type if is_whole and not has_program(content) else None
    # --8<-- [end:types]
