"""The bus that ``BROKER_URL`` names."""

from collections.abc import Sequence

from lesson17_events_and_sagas.bus import EventBus, Subscription
from lesson17_events_and_sagas.jetstream import JetStreamBus
from lesson17_events_and_sagas.rabbitmq import RabbitBus


def bus_for(url: str, subscriptions: Sequence[Subscription] = ()) -> EventBus:
    """RabbitMQ, or NATS with JetStream; whoever publishes names the subscriptions that must not miss anything."""
    bus = JetStreamBus if url.startswith("nats://") else RabbitBus
    return bus(url, subscriptions)
