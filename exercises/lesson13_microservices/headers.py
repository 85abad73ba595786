"""Which headers go through the gateway, and which it adds (RFC 9110, section 7.6)."""

from starlette.requests import Request
from structlog.contextvars import get_contextvars

from lesson13_microservices.identity import identity_headers

Headers = list[tuple[bytes, bytes]]

# Each of these is about one connection, not about the message; so is whatever Connection names.
HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade"}
# How a message is framed, and for whom it is, no client may have taken out.
KEPT_ALWAYS = {b"content-length", b"host"}
# What the services believe, because only the gateway can say it.
OWN = {b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-request-id", b"x-user-id", b"x-user-role"}
# The gateway has answered the first, and has read the second: no service need see either.
FOR_THE_GATEWAY = {b"expect", b"authorization"}
# The server that the gateway runs in says these itself, as nginx does.
OF_THE_SERVER = {b"date", b"server"}


def end_to_end(headers: Headers) -> Headers:
    """The headers that are about the message, in their order, repeated ones too."""
    # TODO headers: Pass on what is meant for the other side
    return list(headers)


def plain(name: bytes) -> bytes:
    """A name as a service may read it: CGI and its heirs cannot tell X_User_Id from X-User-Id."""
    return name.lower().replace(b"_", b"-")


def request_headers(request: Request) -> Headers:
    """What the service is told: what the client said that is for it, and what the gateway knows."""
    headers: Headers = request.scope["headers"]
    # TODO headers: Pass on what is meant for the other side
    return [*end_to_end(headers), *identity_headers(request)]


def response_headers(headers: Headers) -> Headers:
    """What the client is told: all that is for it."""
    # TODO headers: Pass on what is meant for the other side
    return [(name.lower(), value) for name, value in end_to_end(headers)]
