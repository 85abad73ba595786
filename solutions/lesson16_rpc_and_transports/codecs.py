"""A message as bytes, in one of two ways."""

from typing import Protocol, TypeVar

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError, Message

from lesson16_rpc_and_transports.codes import Code, RpcError

M = TypeVar("M", bound=Message)


class Codec(Protocol):
    """Turns messages into bytes and back; ``read`` raises ``Malformed`` for bytes that are none."""

    def write(self, message: Message) -> bytes:
        """The message as bytes."""

    def read(self, kind: type[M], body: bytes) -> M:
        """The message of that kind in the bytes; fields that it does not know are left out."""


class Malformed(Exception):
    """The bytes hold no message of the kind that was expected."""


class Protobuf:
    """The wire format of protobuf (https://protobuf.dev/programming-guides/encoding)."""

    def write(self, message: Message) -> bytes:
        return message.SerializeToString()

    def read(self, kind: type[M], body: bytes) -> M:
        try:
            return kind.FromString(body)
        except DecodeError as error:
            raise Malformed(str(error)) from error


class Json:
    """Its mapping to JSON (https://protobuf.dev/programming-guides/json)."""

    def write(self, message: Message) -> bytes:
        return MessageToJson(message, always_print_fields_with_no_presence=True, indent=None).encode()

    def read(self, kind: type[M], body: bytes) -> M:
        try:
            text = body.decode()
            if not text.lstrip().startswith("{"):
                raise Malformed("no JSON object")
            return Parse(text, kind(), ignore_unknown_fields=True)
        except (ParseError, ValueError, RecursionError) as error:
            raise Malformed(str(error)) from error


PROTOBUF, JSON = Protobuf(), Json()


def read_request(codec: Codec, kind: type[M], body: bytes) -> M:
    """The request in the bytes that a caller has sent; INVALID_ARGUMENT when there is none."""
    # starter: return codec.read(kind, body)
    # --8<-- [start:codes]
    try:
        return codec.read(kind, body)
    except Malformed as error:
        raise RpcError(Code.INVALID_ARGUMENT, f"this is no {kind.DESCRIPTOR.name}") from error
    # --8<-- [end:codes]
