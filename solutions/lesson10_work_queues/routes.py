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
    # starter: return JSONResponse({"detail": str(error)}, 500)
    # --8<-- [start:confirm]
    return JSONResponse({"detail": str(error)}, 503, {"Retry-After": str(RETRY_AFTER_S)})
    # --8<-- [end:confirm]


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    # --8<-- [start:health]
    return {"status": "ok"}
    # --8<-- [end:health]


@router.post("/api/tasks", status_code=202, responses=UNAVAILABLE)
async def create_task(draft: TaskDraft, link: TheLink, store: TheStore, response: Response) -> TaskState:
    """Take a task: once the broker has it, it will be done. The answer's Location tells its state."""
    # --8<-- [start:enqueue]
    task = accept(draft)
    queued = Change.queued(task)
    store.add(queued)
    try:
        await link.publish(task_message(task))
    except BrokerUnavailable:
        store.forget(task.id)
        raise
    response.headers["Location"] = f"/api/tasks/{task.id}"
    return TaskState.after([queued])
    # --8<-- [end:enqueue]


@router.get("/api/tasks/{task_id}", responses=NOT_FOUND)
async def read_task(task_id: UUID, store: TheStore) -> TaskState:
    """What has become of a task."""
    # --8<-- [start:state]
    task = store.task(task_id)
    if task is None:
        raise HTTPException(404, "there is no task of that id")
    return task
    # --8<-- [end:state]


@router.get("/api/customers/{customer}/points")
async def read_card(customer: str, store: TheStore) -> Card:
    """How many points a customer has."""
    # --8<-- [start:state]
    return store.card(customer)
    # --8<-- [end:state]
