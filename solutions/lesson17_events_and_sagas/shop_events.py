"""The shop's events: what they are called, what they carry, and who wants which."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, PlainSerializer, ValidationError

from lesson05_postgresql.models import OnTheWire
from lesson17_events_and_sagas.bus import Subscription, Unusable
from lesson17_events_and_sagas.events import Event

# As text: a JSON number would become a binary float on the way.
Amount = Annotated[
    Decimal, Field(ge=0, max_digits=12, decimal_places=2), PlainSerializer(lambda amount: f"{amount:.2f}")
]
KEY = r"^[A-Za-z0-9._-]{1,64}$"
Key = Annotated[str, Field(pattern=KEY)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Quantity = Annotated[int, Field(ge=1, le=1000, strict=True)]


class Type(StrEnum):
    """What may happen to an order, and to a user."""

    ORDER_PLACED = "pedido_creado"
    PAYMENT_ACCEPTED = "pago_aceptado"
    PAYMENT_REFUSED = "pago_rechazado"
    PAYMENT_RETURNED = "pago_devuelto"
    STOCK_RESERVED = "stock_reservado"
    STOCK_EXHAUSTED = "stock_agotado"
    STOCK_RELEASED = "stock_liberado"
    ORDER_SHIPPED = "pedido_enviado"
    SHIPPING_REFUSED = "envio_rechazado"
    USER_DELETED = "usuario_eliminado"


class Facts(OnTheWire):
    """What an event carries. Who adds a field later must not break who reads it today."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def of(cls, event: Event) -> Self:
        """The facts in an event; raises ``Unusable`` for one without them."""
        try:
            return cls.model_validate(event.data)
        except ValidationError as error:
            raise Unusable(str(error)) from error

    def to_data(self) -> dict[str, Any]:
        """The facts as an event carries them."""
        return self.model_dump(mode="json", by_alias=True)


class OrderFacts(Facts):
    """All that anybody has to know of an order: so nobody has to ask, and nobody has to wait for an answer."""

    order_id: UUID
    user_id: Key
    product_id: Key
    quantity: Quantity
    country: Country
    total: Amount


class UserFacts(Facts):
    """Which user it is about."""

    user_id: Key


ORDERS = Subscription(
    "orders",
    (
        Type.PAYMENT_ACCEPTED,
        Type.PAYMENT_REFUSED,
        Type.PAYMENT_RETURNED,
        Type.STOCK_RESERVED,
        Type.STOCK_EXHAUSTED,
        Type.STOCK_RELEASED,
        Type.ORDER_SHIPPED,
        Type.SHIPPING_REFUSED,
        Type.USER_DELETED,
    ),
)
SALES = Subscription("sales", (Type.ORDER_PLACED, Type.ORDER_SHIPPED))
PAYMENT = Subscription("payment", (Type.ORDER_PLACED, Type.STOCK_EXHAUSTED, Type.STOCK_RELEASED))
STOCK = Subscription("stock", (Type.PAYMENT_ACCEPTED, Type.SHIPPING_REFUSED))
SHIPPING = Subscription("shipping", (Type.STOCK_RESERVED,))
ALL = (ORDERS, SALES, PAYMENT, STOCK, SHIPPING)
