"""Which service a path belongs to."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request

SERVICES = {"/api/users": "users", "/api/products": "products", "/api/orders": "products"}

# Empty and dot segments, separators in disguise: one program's /api/users/../products is another's /api/products.
AMBIGUOUS = re.compile(rb"//|\\|%2f|%5c|/(\.|%2e){1,2}(/|$)", re.IGNORECASE)


def refuse_ambiguous(request: Request) -> None:
    """Raise ``HTTPException`` 400 for a request that two programs could understand in two ways."""
    # TODO paths: No way round
    return


def service_of(request: Request) -> str:
    """The name of the service that a request is for; raises ``HTTPException`` 400 or 404.

    The path is looked at as it was sent, because that is how it is passed on.
    """
    refuse_ambiguous(request)
    # TODO forward: Pass a request on
    raise NotImplementedError("forward")
