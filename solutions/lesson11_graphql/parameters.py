"""What a request consists of, whichever way it comes."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Parameters(BaseModel):
    """A well-formed request (GraphQL over HTTP, section 5.1); what it does not know it ignores."""

    model_config = ConfigDict(strict=True)

    query: str
    operation_name: str | None = Field(default=None, alias="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
