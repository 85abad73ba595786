"""The scalar DateTime: a moment as RFC 3339 writes it."""

import re
from datetime import UTC, datetime
from typing import Any

from ariadne import ScalarType
from graphql import GraphQLError

date_time = ScalarType("DateTime")

# datetime.fromisoformat takes much that RFC 3339 does not: weeks, times without a zone, dates without a time.
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:[0-5]\d)", re.ASCII | re.IGNORECASE)


@date_time.serializer
def written(moment: datetime) -> str:
    """The moment in UTC, for an answer."""
    # starter: return str(moment)
    # --8<-- [start:dates]
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    # --8<-- [end:dates]


@date_time.value_parser
def read(value: Any) -> datetime:
    """The moment that a client means, in a variable or in the query itself; raises ``GraphQLError``."""
    # starter: return datetime.fromisoformat(str(value))
    # --8<-- [start:dates]
    try:
        if isinstance(value, str) and RFC_3339.fullmatch(value):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("a DateTime such as 2026-01-31T12:00:00Z is due (RFC 3339)")
    # --8<-- [end:dates]
