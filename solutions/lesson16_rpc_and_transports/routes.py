"""The REST front of the event service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from lesson16_rpc_and_transports.deadlines import deadline_of
from lesson16_rpc_and_transports.events import EventService
from lesson16_rpc_and_transports.models import Event, EventDraft

router = APIRouter()


def the_events(request: Request) -> EventService:
    """The event service of the app."""
    events: EventService = request.app.state.events
    return events


def the_deadline(request: Request) -> float:
    """When the answer has to be there: as the client says, else as the settings do."""
    return deadline_of(request.headers, request.app.state.timeout_s)


@router.post("/event", status_code=201)
async def create_event(
    draft: EventDraft,
    events: Annotated[EventService, Depends(the_events)],
    deadline: Annotated[float, Depends(the_deadline)],
) -> Event:
    """Make an event; 201 once everybody has been told."""
    return Event.of(await events.create_event(draft.title, draft.delay_ms, deadline))
