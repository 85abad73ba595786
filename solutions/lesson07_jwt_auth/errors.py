"""Why somebody is not let in, and how they are told (RFC 6750, section 3)."""

import math

import structlog
from starlette.exceptions import HTTPException

log = structlog.get_logger("auth")


class NotLoggedIn(HTTPException):
    """Nobody said who is asking: 401, and how to say it."""

    def __init__(self) -> None:
        super().__init__(401, "log in first", {"WWW-Authenticate": 'Bearer realm="shop"'})


class BadToken(HTTPException):
    """A token was sent that is not good: 401. Why it is not is in the log alone."""

    def __init__(self, reason: str) -> None:
        log.warning("token refused", reason=reason)
        challenge = 'Bearer realm="shop", error="invalid_token"'
        super().__init__(401, "this token is not good, or not any more", {"WWW-Authenticate": challenge})


class NotAllowed(HTTPException):
    """We know who is asking, and they may not do this: 403. To log in again would not help."""

    def __init__(self) -> None:
        super().__init__(
            403, "this is not for you", {"WWW-Authenticate": 'Bearer realm="shop", error="insufficient_scope"'}
        )


class ForeignPage(HTTPException):
    """A browser sends a cookie along with what somebody else's page has made: 403."""

    def __init__(self) -> None:
        super().__init__(403, "with a cookie, only our own pages may change something")


class WrongLogin(HTTPException):
    """No such account, or not its password: which of the two is nobody's business."""

    def __init__(self) -> None:
        super().__init__(
            401, "no account has this address and this password", {"WWW-Authenticate": 'Bearer realm="shop"'}
        )


class TooManyFailures(HTTPException):
    """Too many wrong passwords: 429, and when to try again (RFC 6585, section 4)."""

    def __init__(self, wait_s: float) -> None:
        wait = {"Retry-After": str(max(1, math.ceil(wait_s)))}
        super().__init__(429, "too many wrong passwords; wait, and try again", wait)
