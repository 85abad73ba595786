"""Orders as the gateway sees them."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer

from lesson05_postgresql.models import Moment, OnTheWire

# A text: there is no binary float on the way in which a cent could get lost.
Amount = Annotated[Decimal, PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json")]


class Estado(StrEnum):
    """What has become of an order."""

    CREATED = "CREADO"
    SENT = "ENVIADO"
    ORPHANED = "HUERFANO"


class Placed(OnTheWire):
    """An order, whose it is and what has become of it."""

    id: int
    user_id: str
    estado: Estado
    total: Amount
    created_at: Moment


class Offered(OnTheWire):
    """A product, and how many there are of it."""

    id: int
    name: str
    price: Amount
    stock: int
