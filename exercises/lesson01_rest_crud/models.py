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
    # TODO validate: Refuse what makes no sense
    Field(),
    PlainSerializer(float, return_type=float, when_used="json"),
]

Name = Annotated[
    str,
    # TODO validate: Refuse what makes no sense
    Field(),
]


class ProductDraft(BaseModel):
    """A product as a client describes it: everything but the id, which is ours to give."""

    # TODO validate: Refuse what makes no sense
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
