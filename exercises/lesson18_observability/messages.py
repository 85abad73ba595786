"""The event that an order has been made: what it says, and where it goes."""

import json
from collections.abc import Mapping

from pika import BasicProperties, DeliveryMode
from pika.adapters.blocking_connection import BlockingChannel
from structlog.contextvars import get_contextvars

from lesson10_work_queues.messages import JSON, Message
from lesson18_observability.models import Order

PEDIDO_CREADO = "pedido_creado"


def declare(channel: BlockingChannel) -> None:
    """Make sure that the queue is there; both sides do, because either may be the first."""
    channel.queue_declare(PEDIDO_CREADO, durable=True)


def pedido_creado(order: Order, message_id: str, headers: Mapping[str, str]) -> Message:
    """The event for an order; ``headers`` are those that the trace travels in."""
    properties = BasicProperties(
        content_type=JSON,
        delivery_mode=DeliveryMode.Persistent,
        message_id=message_id,
        correlation_id=get_contextvars().get("request_id"),
        headers=dict(headers),
    )
    return Message(PEDIDO_CREADO, json.dumps(order.model_dump(mode="json", by_alias=True)).encode(), properties)
