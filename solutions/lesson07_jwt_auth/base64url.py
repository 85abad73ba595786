"""Bytes as text that fits in a URL (RFC 4648, section 5, without padding, as RFC 7515 has it)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    """The bytes as text."""
    # --8<-- [start:by-hand]
    return urlsafe_b64encode(data).rstrip(b"=").decode()
    # --8<-- [end:by-hand]


def decode(text: str) -> bytes:
    """The bytes that are written so; raises ValueError unless this is the one way to write them.

    Python's decoder passes over what it does not know: spaces, padding, bits beyond the last byte.
    """
    # --8<-- [start:by-hand]
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("this is not base64url")
    return data
    # --8<-- [end:by-hand]
