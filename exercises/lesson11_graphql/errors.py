"""What a client is told: every error has a code, and none tells how the program is made."""

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError

from lesson05_postgresql.database import DatabaseGone
from lesson05_postgresql.errors import BadField

log = structlog.get_logger("graphql")

# The codes are Apollo's (https://www.apollographql.com/docs/apollo-server/data/errors), where it has one.
PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
NO_OPERATION = "OPERATION_RESOLUTION_FAILURE"
BAD_REQUEST = "BAD_REQUEST"
BAD_USER_INPUT = "BAD_USER_INPUT"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"

Errors = list[dict[str, Any]]


class Refused(Exception):
    """A request that is not executed: its status over HTTP, and its errors as a client reads them."""

    def __init__(self, status: int, code: str, *errors: GraphQLError | str) -> None:
        super().__init__(code)
        self.status = status
        self.errors: Errors = [
            {
                **(error.formatted if isinstance(error, GraphQLError) else {"message": error}),
                "extensions": {"code": code},
            }
            for error in errors
        ]


class Coded(Exception):
    """What a client is told as it is: a message, a code for programs, and what else they may want to know."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.extensions = {"code": code, **more}


def explained(cause: Exception | None, error: GraphQLError) -> tuple[str, dict[str, Any]]:
    """What is said of an exception that a resolver raised: a message, and the extensions."""
    # TODO outage: The database goes away and comes back
    # TODO errors: Errors that tell, and do not leak
    return error.message, {}


def formatted(error: GraphQLError, debug: bool = False) -> dict[str, Any]:
    """An error of the execution, with its place in query and answer, as a client reads it; ``debug`` is Ariadne's."""
    message, extensions = explained(error.original_error, error)
    return {**error.formatted, "message": message, "extensions": extensions}


def has_code(errors: Sequence[dict[str, Any]], code: str) -> bool:
    """Whether one of the errors has that code."""
    return any(error["extensions"].get("code") == code for error in errors)
