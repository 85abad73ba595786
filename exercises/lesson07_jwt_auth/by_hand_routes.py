"""Tokens made and checked by hand, for whoever wants to see how. The keys are the client's own, never ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter

from lesson01_rest_crud.descriptions import BAD_INPUT, TOO_LARGE
from lesson05_postgresql.errors import BadField
from lesson07_jwt_auth import base64url, by_hand
from lesson07_jwt_auth.models import Content, Said, Signed, Token

# HS256 wants a key as long as the hash that it makes (RFC 7518, section 3.2).
SHORTEST_KEY = 32

router = APIRouter(prefix="/tokens", responses=BAD_INPUT | TOO_LARGE)


@contextmanager
def about(field: str) -> Iterator[None]:
    """Name the field that a ValueError in this context is about."""
    try:
        yield
    except ValueError as error:
        raise BadField(field, str(error)) from None


def key_of(text: str) -> bytes:
    """The key that is written there in base64url; raises ValueError for a short one."""
    key = base64url.decode(text)
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"a key has at least {SHORTEST_KEY} bytes")
    return key


@router.post("/encode")
async def encode_token(said: Said) -> Token:
    """Sign header and payload, byte for byte as they are."""
    header, payload = said.header.encode(), said.payload.encode()
    with about("key"):
        key = key_of(said.key)
    with about("header"):
        by_hand.header_of(header)
    with about("payload"):
        by_hand.members_of(payload)
        token = by_hand.encode(header, payload, key)
        # What nobody would read, because it is too long, is not made either.
        by_hand.take_apart(token)
    return Token(token=token)


@router.post("/decode")
async def decode_token(signed: Signed) -> Content:
    """What a token says, if it was signed with this key."""
    with about("key"):
        key = key_of(signed.key)
    with about("token"):
        parts = by_hand.decode(signed.token, key)
    return Content(header=parts.header.decode(), payload=parts.payload.decode())
