"""The API: HTTP on one side, the broker and the store on the other."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from lesson01_rest_crud.errors import Refusal
from lesson10_work_queues.link import BrokerUnavailable, Link
from lesson10_work_queues.messages import task_message
from lesson10_work_queues.states import Card, Change, TaskState
from lesson10_work_queues.store import Store
from lesson10_work_queues.tasks import TaskDraft, accept

Responses = dict[int | str, dict[str, Any]]

NOT_FOUND: Responses = {404: {"model": Refusal, "description": "No such task"}}
UNAVAILABLE: Responses = {503: {"model": Refusal, "description": "The broker is out of reach"}}
RETRY_AFTER_S = 1

router = APIRouter()


async def link_of(request: Request) -> Link:
    """The link that the composition root gave to the app."""
    link: Link = request.app.state.link
    return link


async def store_of(request: Request) -> Store:
    """The store that the composition root gave to the app."""
    store: Store = request.app.state.store
    return store


TheLink = Annotated[Link, Depends(link_of)]
TheStore = Annotated[Store, Depends(store_of)]


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503 and say when to try again (RFC 9110, section 10.2.3)."""
    # TODO confirm: Promise nothing before the broker has it
    return JSONResponse({"detail": str(error)}, 500)


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


@router.post("/api/tasks", status_code=202, responses=UNAVAILABLE)
async def create_task(draft: TaskDraft, link: TheLink, store: TheStore, response: Response) -> TaskState:
    """Take a task: once the broker has it, it will be done. The answer's Location tells its state."""
    # TODO enqueue: Take a task
    raise NotImplementedError("enqueue")


@router.get("/api/tasks/{task_id}", responses=NOT_FOUND)
async def read_task(task_id: UUID, store: TheStore) -> TaskState:
    """What has become of a task."""
    # TODO state: Tell what has become of a task
    raise NotImplementedError("state")


@router.get("/api/customers/{customer}/points")
async def read_card(customer: str, store: TheStore) -> Card:
    """How many points a customer has."""
    # TODO state: Tell what has become of a task
    raise NotImplementedError("state")
