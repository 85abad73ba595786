"""A token, made and checked with the standard library alone: JWS in compact form (RFC 7515) with HS256."""

import hmac
import json
from dataclasses import dataclass
from typing import Any, Never

from lesson07_jwt_auth import base64url

ALGORITHM = "HS256"
LONGEST_TOKEN = 8192


@dataclass(frozen=True)
class Parts:
    """What a token is made of. ``signed`` is the text that the signature is over."""

    header: bytes
    payload: bytes
    signature: bytes
    signed: str


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a JSON object; raises ValueError if a name is there twice: readers differ in which one counts."""
    # --8<-- [start:by-hand]
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is there twice")
    return members
    # --8<-- [end:by-hand]


def no_number(constant: str) -> Never:
    """Refuse NaN and Infinity, which Python's parser takes and JSON has not."""
    raise ValueError(f"{constant} is no JSON")


def members_of(text: bytes) -> dict[str, Any]:
    """The members of the JSON object that is written there; raises ValueError if that is anything else."""
    # --8<-- [start:by-hand]
    try:
        value = json.loads(text.decode(), object_pairs_hook=each_once, parse_constant=no_number)
    except RecursionError:
        raise ValueError("this is nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is due")
    return value
    # --8<-- [end:by-hand]


def header_of(text: bytes) -> dict[str, Any]:
    """The members of a header; raises ValueError unless it is one that we understand.

    Until the signature is checked, the header is the word of whoever sent it: it does not choose the algorithm.
    """
    # --8<-- [start:by-hand]
    header = members_of(text)
    if header.get("alg") != ALGORITHM:
        raise ValueError(f"alg has to be {ALGORITHM}")
    if "crit" in header:
        raise ValueError("no extension is understood here, and crit asks for one (RFC 7515, section 4.1.11)")
    return header
    # --8<-- [end:by-hand]


def signature_of(signed: str, key: bytes) -> bytes:
    """HMAC-SHA256 over the text (RFC 7518, section 3.2)."""
    # --8<-- [start:by-hand]
    return hmac.digest(key, signed.encode(), "sha256")
    # --8<-- [end:by-hand]


def encode(header: bytes, payload: bytes, key: bytes) -> str:
    """The token that says this; header and payload are JSON, byte for byte as they are to be signed."""
    # --8<-- [start:by-hand]
    signed = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(signature_of(signed, key))}"
    # --8<-- [end:by-hand]


def take_apart(token: str) -> Parts:
    """The parts of a token, of which nothing has been checked but their form; raises ValueError for a wrong one."""
    # --8<-- [start:by-hand]
    if len(token) > LONGEST_TOKEN:
        raise ValueError(f"a token has up to {LONGEST_TOKEN} characters")
    match token.split("."):
        case [header, payload, signature]:
            return Parts(
                header=base64url.decode(header),
                payload=base64url.decode(payload),
                signature=base64url.decode(signature),
                signed=f"{header}.{payload}",
            )
        case _:
            raise ValueError("a token has three parts")
    # --8<-- [end:by-hand]


def decode(token: str, key: bytes) -> Parts:
    """The parts of a token that was signed with this key; raises ValueError for any other."""
    # --8<-- [start:by-hand]
    parts = take_apart(token)
    header_of(parts.header)
    members_of(parts.payload)
    if not hmac.compare_digest(signature_of(parts.signed, key), parts.signature):
        raise ValueError("the signature is wrong")
    return parts
    # --8<-- [end:by-hand]
