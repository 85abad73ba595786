"""The API: HTTP on one side, the broker and the board on the other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from lesson01_rest_crud.errors import Refusal
from lesson10_work_queues.link import OUT_OF_REACH, BrokerUnavailable, Link
from lesson10_work_queues.messages import state_message, task_message
from lesson10_work_queues.states import Board, Card, Change, TaskState
from lesson10_work_queues.tasks import TaskDraft, accept

RETRY_AFTER_S = 1

router = APIRouter(responses={503: {"model": Refusal, "description": "The broker is out of reach"}})


def link_of(request: Request) -> Link:
    """The link that the composition root gave to the app."""
    link: Link = request.app.state.link
    return link


def board_of(request: Request) -> Board:
    """The board that the composition root gave to the app."""
    board: Board = request.app.state.board
    return board


TheLink = Annotated[Link, Depends(link_of)]
TheBoard = Annotated[Board, Depends(board_of)]


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


@router.post("/api/tasks", status_code=202)
async def create_task(draft: TaskDraft, link: TheLink, board: TheBoard, response: Response) -> TaskState:
    """Take a task: once the broker has it, it will be done. The answer's Location tells its state."""
    # --8<-- [start:enqueue]
    task = accept(draft)
    queued = Change.queued(task)
    await link.publish(state_message(queued), task_message(task))
    board.apply(queued)
    response.headers["Location"] = f"/api/tasks/{task.id}"
    return TaskState.of(queued)
    # --8<-- [end:enqueue]


@router.get("/api/tasks/{task_id}", responses={404: {"model": Refusal, "description": "No such task"}})
async def read_task(task_id: UUID, board: TheBoard, link: TheLink) -> TaskState:
    """What has become of a task; what is not known while the log cannot be read may well exist."""
    # --8<-- [start:state]
    task = board.task(task_id)
    if task is not None:
        return task
    if link.is_caught_up:
        raise HTTPException(404, "there is no task of that id")
    raise BrokerUnavailable(OUT_OF_REACH)
    # --8<-- [end:state]


@router.get("/api/customers/{customer}/points")
async def read_card(customer: str, board: TheBoard, link: TheLink) -> Card:
    """How many points a customer has."""
    # --8<-- [start:state]
    if not link.is_caught_up:
        raise BrokerUnavailable(OUT_OF_REACH)
    return board.card(customer)
    # --8<-- [end:state]
