"""A trace through a broker: the sender's span travels in the headers of the message.

The names are those of OpenTelemetry's conventions (https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind

tracer = trace.get_tracer(__name__)


def attributes(operation: str, kind: str, queue: str, message_id: str) -> dict[str, str]:
    """What a span says about a message."""
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": queue,
        "messaging.message.id": message_id,
    }


@contextmanager
def sending(queue: str, message_id: str) -> Iterator[dict[str, str]]:
    """A PRODUCER span for as long as the context lasts; gives the headers with which the message carries it."""
    # TODO broker: Through the broker
    yield {}


@contextmanager
def processing(queue: str, message_id: str, headers: Mapping[str, Any]) -> Iterator[None]:
    """A CONSUMER span for as long as the context lasts, a child of the span that the message's headers carry."""
    # TODO broker: Through the broker
    yield
