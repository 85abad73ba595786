"""Say in one line what keeps the set-up from going on, and what to do about it."""

from __future__ import annotations

import re

from commands import CommandFailed

# What a command or the system said -> what to do about it; the first that fits.
REMEDIES = (
    (r"No space left|os error 28|Disk quota exceeded", "the disk is full: free 2 GB"),
    (r"Permission denied|os error 13|Read-only file system", "a file may not be written: see to its owner"),
    (
        r"certificate|UnknownIssuer",
        "a package server's certificate is not trusted: name your authorities in SSL_CERT_FILE",
    ),
    (r"lockfile.*needs to be updated", "uv.lock does not belong to pyproject.toml: run `uv lock`"),
    (
        r"dns error|[Nn]ame resolution|resolving '|[Uu]nreachable|[Cc]onnection refused|timed out|Failed to connect"
        r"|error sending request|Could not connect",
        "no package server answers: check the network, or the proxy and the mirror in pip's configuration",
    ),
)


def explain(error: Exception) -> str:
    """Return what went wrong and what to do; for a failure that is not known, how the command's output ended."""
    if isinstance(error, CommandFailed):
        ending = "\n".join(error.output.rstrip().splitlines()[-12:])
        return advice(error.output) or f"`{' '.join(error.argv)}` failed:\n{ending}"
    if isinstance(error, OSError):
        return advice(str(error)) or f"the system refused: {error}"
    return str(error)


def advice(said: str) -> str | None:
    """Return what to do about it; None when it is nothing known."""
    remedy = next((remedy for pattern, remedy in REMEDIES if re.search(pattern, said)), None)
    return f"{remedy}, then run `make setup` again" if remedy else None
