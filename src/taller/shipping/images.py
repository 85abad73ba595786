"""References to images, such as ``docker.io/library/python:3.13.15-slim@sha256:…``."""

import re
from dataclasses import dataclass

REFERENCE = re.compile(r"(?P<name>[^@\s]+?)(?::(?P<tag>[\w][\w.-]*))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")
VERSION = re.compile(r"v?\d+\.\d+")
SMALL = re.compile(r"slim|alpine|distroless|minimal|chainguard|busybox")


@dataclass(frozen=True)
class Image:
    """An image as a file refers to it; ``name`` is without registry and tag, such as ``postgres``."""

    text: str
    name: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> "Image":
        """Take a reference apart; what is none has the whole text as its name."""
        match = REFERENCE.fullmatch(text)
        if not match:
            return cls(text, text, "", "")
        return cls(text, match["name"].rpartition("/")[2], match["tag"] or "", match["digest"] or "")

    @property
    def is_pinned(self) -> bool:
        """Whether it is the same image tomorrow, as far as a name can tell: by its digest, or by a version."""
        return bool(self.digest or VERSION.match(self.tag))

    @property
    def is_small(self) -> bool:
        """Whether its name promises little beside what a program needs."""
        return self.text == "scratch" or bool(SMALL.search(self.text.partition("@")[0]))

    @property
    def major(self) -> int:
        """The first number of the tag; 0 when it has none."""
        match = re.match(r"v?(\d+)", self.tag)
        return int(match[1]) if match else 0
