"""What clients send, and what they get."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from lesson01_rest_crud.models import Price
from lesson05_postgresql.models import LARGEST_STOCK, Moment, Money, OnTheWire
from lesson17_events_and_sagas.shop_events import Country, Key, Quantity

LARGEST_PRICE = 1_000_000

State = Literal["pending", "paid", "reserved", "shipped", "cancelling", "cancelled"]


class ProductDraft(OnTheWire):
    """What a product costs, and how many there are."""

    price: Annotated[Price, Field(le=LARGEST_PRICE)]
    stock: int = Field(ge=0, le=LARGEST_STOCK, strict=True)


class Product(ProductDraft):
    """A product as we keep it."""

    id: str


class OrderDraft(OnTheWire):
    """An order as a client describes it."""

    user_id: Key
    product_id: Key
    quantity: Quantity
    country: Country


class Effects(OnTheWire):
    """What the services have done for an order: below zero for what was taken back."""

    payments: list[Money]
    reservations: list[int]
    shipments: int


class Order(OrderDraft):
    """An order as we keep it."""

    id: UUID
    total: Money
    state: State
    orphaned: bool
    created_at: Moment
    effects: Effects


class Sales(OnTheWire):
    """How a product sells."""

    product_id: str
    placed: int
    shipped: int
    revenue: Money


class Replay(OnTheWire):
    """How many events are published again."""

    events: int
