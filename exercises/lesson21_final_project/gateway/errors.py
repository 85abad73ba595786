"""What a client is told when a service says no, or says nothing."""

from typing import Any

from lesson11_graphql.errors import BAD_USER_INPUT, SERVICE_UNAVAILABLE, Coded

UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"
CONFLICT = "CONFLICT"
TOO_MANY = "TOO_MANY_REQUESTS"

CODES = {
    400: BAD_USER_INPUT,
    401: UNAUTHENTICATED,
    403: FORBIDDEN,
    404: NOT_FOUND,
    409: CONFLICT,
    413: BAD_USER_INPUT,
    422: BAD_USER_INPUT,
    429: TOO_MANY,
}


class NotToday(Coded):
    """A service cannot answer now; the rest of the query may well be."""

    def __init__(self, service: str) -> None:
        super().__init__(SERVICE_UNAVAILABLE, f"the service of {service} cannot be reached", service=service)


def refusal(status: int, told: Any) -> Coded:
    """What a service has refused, in its own words; raises ``KeyError`` for what is no refusal but a mistake."""
    # TODO gateway: One door, one answer
    raise NotImplementedError("gateway")
