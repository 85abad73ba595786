"""What ties together all that follows from one request, whichever process it happens in."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.propagate import inject
from structlog.contextvars import bound_contextvars, get_contextvars

from lesson17_events_and_sagas.events import Event
from lesson18_observability.messaging import processing


def request_id_now() -> str | None:
    """The id of the request in hand; None outside of one."""
    found = get_contextvars().get("request_id")
    return str(found) if found else None


def headers_now() -> dict[str, str]:
    """What travels beside an event: the trace that it belongs to."""
    # starter: return {}
    # --8<-- [start:observability]
    headers: dict[str, str] = {}
    inject(headers)
    return headers
    # --8<-- [end:observability]


@contextmanager
def heard_of(event: Event, consumer: str) -> Iterator[None]:
    """A context for what is done because of an event: part of the same trace, and under the same request id."""
    # starter: yield
    # --8<-- [start:observability]
    with processing(consumer, str(event.id), event.headers), bound_contextvars(request_id=event.correlation_id):
        yield
    # --8<-- [end:observability]
