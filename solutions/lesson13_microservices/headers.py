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
    # starter: return list(headers)
    # --8<-- [start:headers]
    lines = [value for name, value in headers if name.lower() == b"connection"]
    named = {option.strip().lower() for line in lines for option in line.split(b",")}
    dropped = HOP_BY_HOP | (named - KEPT_ALWAYS)
    return [(name, value) for name, value in headers if name.lower() not in dropped]
    # --8<-- [end:headers]


def plain(name: bytes) -> bytes:
    """A name as a service may read it: CGI and its heirs cannot tell X_User_Id from X-User-Id."""
    return name.lower().replace(b"_", b"-")


def request_headers(request: Request) -> Headers:
    """What the service is told: what the client said that is for it, and what the gateway knows."""
    headers: Headers = request.scope["headers"]
    # starter: return [*end_to_end(headers), *identity_headers(request)]
    # --8<-- [start:headers]
    kept = [(name, value) for name, value in end_to_end(headers) if plain(name) not in OWN | FOR_THE_GATEWAY]
    client = request.client.host if request.client else "unknown"
    added = {
        "x-forwarded-for": client,
        "x-forwarded-host": request.headers.get("host", ""),
        "x-forwarded-proto": request.scope["scheme"],
        "x-request-id": get_contextvars()["request_id"],
        "via": f"{request.scope['http_version']} gateway",
    }
    # Taken out above as the client's, and needed again for a body whose length nobody knows yet.
    framing = [(b"transfer-encoding", b"chunked")] if "transfer-encoding" in request.headers else []
    own = [(name.encode(), value.encode("latin-1")) for name, value in added.items()]
    return [*kept, *own, *identity_headers(request), *framing]
    # --8<-- [end:headers]


def response_headers(headers: Headers) -> Headers:
    """What the client is told: all that is for it."""
    # starter: return [(name.lower(), value) for name, value in end_to_end(headers)]
    # --8<-- [start:headers]
    return [(name.lower(), value) for name, value in end_to_end(headers) if name.lower() not in OF_THE_SERVER]
    # --8<-- [end:headers]
