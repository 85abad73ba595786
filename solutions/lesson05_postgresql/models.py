"""What an order is, and what may be said of one."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from lesson01_rest_crud.routes import LARGEST_ID

MOST_ITEMS = 100
LARGEST_QUANTITY = 1000
LARGEST_STOCK = 1_000_000

Money = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class OnTheWire(BaseModel):
    """camelCase in JSON, snake_case in Python; nothing that is not named here."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Stock(OnTheWire):
    """How many there are of a product."""

    quantity: int = Field(ge=0, le=LARGEST_STOCK, strict=True)


class Item(OnTheWire):
    """What a client wants of one product."""

    product_id: int = Field(ge=1, le=LARGEST_ID, strict=True)
    quantity: int = Field(ge=1, le=LARGEST_QUANTITY, strict=True)


def each_product_once(items: list[Item]) -> list[Item]:
    """Refuse a product that is there twice: which of the two quantities is meant?"""
    if len({item.product_id for item in items}) < len(items):
        raise ValueError("a productId may be there once")
    return items


class OrderDraft(OnTheWire):
    """An order as a client describes it."""

    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS), AfterValidator(each_product_once)]


class Line(Item):
    """An item as it was bought: with the price of that moment."""

    price: Money


class Order(OnTheWire):
    """An order as we keep it."""

    id: int
    created_at: Moment
    items: list[Line]
    total: Money
