"""What a product is, and what may be said of one."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError


def only_a_number(value: Any) -> Any:
    """Refuse what pydantic would kindly turn into a number: "12.50" in quotes, and true."""
    if isinstance(value, (str, bool)):
        raise PydanticCustomError("price_type", "a price is a number")
    return value


# Twelve digits survive the trip through the binary floats of JSON parsers unharmed (RFC 8259, section 6).
Price = Annotated[
    Decimal,
    # starter: Field(),
    # --8<-- [start:validate]
    BeforeValidator(only_a_number),
    Field(ge=0, max_digits=12, decimal_places=2, allow_inf_nan=False),
    WithJsonSchema({"type": "number", "minimum": 0, "description": "At most two decimals"}),
    # --8<-- [end:validate]
    PlainSerializer(float, return_type=float, when_used="json"),
]

Name = Annotated[
    str,
    # starter: Field(),
    # --8<-- [start:validate]
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    # --8<-- [end:validate]
]


class ProductDraft(BaseModel):
    """A product as a client describes it: everything but the id, which is ours to give."""

    # starter:
    # --8<-- [start:validate]
    model_config = ConfigDict(extra="forbid")
    # --8<-- [end:validate]
    name: Name
    price: Price


class ProductChanges(ProductDraft):
    """Some fields of a product; those left out stay as they are (``exclude_unset`` tells which)."""

    name: Name = Field(default_factory=str)
    price: Price = Field(default_factory=Decimal)


class Product(BaseModel):
    """A product as we keep it."""

    id: int
    name: str
    price: Price
