"""What an order is, and what may be said of one."""

from typing import Annotated

from pydantic import Field

from lesson01_rest_crud.models import Price
from lesson05_postgresql.models import OnTheWire

UserId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$")]


class OrderDraft(OnTheWire):
    """An order as a client describes it: for whom, and what it costs."""

    user_id: UserId
    total: Price


class Order(OrderDraft):
    """An order as we keep it."""

    id: int
