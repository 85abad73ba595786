"""The bus that ``BROKER_URL`` names. A process loads the one client that it uses: reading both would slow its start."""

from collections.abc import Sequence

from lesson17_events_and_sagas.bus import EventBus, Subscription


def bus_for(url: str, subscriptions: Sequence[Subscription] = ()) -> EventBus:
    """RabbitMQ, or NATS with JetStream; whoever publishes names the subscriptions that must not miss anything."""
    if url.startswith("nats://"):
        from lesson17_events_and_sagas.jetstream import JetStreamBus

        # A consumer of a log misses nothing, however late it is there.
        return JetStreamBus(url)
    from lesson17_events_and_sagas.rabbitmq import RabbitBus

    return RabbitBus(url, subscriptions)
