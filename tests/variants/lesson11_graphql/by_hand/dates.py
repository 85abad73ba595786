"""The scalar DateTime, as graphql-core has scalars."""

import re
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError
from pydantic import AwareDatetime, TypeAdapter, ValidationError

MOMENT = TypeAdapter(AwareDatetime)
FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


def written(moment: datetime) -> str:
    """The moment in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read(value: Any) -> datetime:
    """The moment that a client means."""
    try:
        if isinstance(value, str) and FORM.fullmatch(value):
            return MOMENT.validate_python(value).astimezone(UTC)
    except (ValidationError, OverflowError):
        pass
    raise GraphQLError("this is no moment as RFC 3339 writes it")
