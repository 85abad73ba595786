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
    # TODO confirm: Promise nothing before the broker has it
    return JSONResponse({"detail": str(error)}, 500)


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


@router.post("/api/tasks", status_code=202)
async def create_task(draft: TaskDraft, link: TheLink, board: TheBoard, response: Response) -> TaskState:
    """Take a task: once the broker has it, it will be done. The answer's Location tells its state."""
    # TODO enqueue: Take a task
    raise NotImplementedError("enqueue")


@router.get("/api/tasks/{task_id}", responses={404: {"model": Refusal, "description": "No such task"}})
async def read_task(task_id: UUID, board: TheBoard, link: TheLink) -> TaskState:
    """What has become of a task; what is not known while the log cannot be read may well exist."""
    # TODO state: Tell what has become of a task
    raise NotImplementedError("state")


@router.get("/api/customers/{customer}/points")
async def read_card(customer: str, board: TheBoard, link: TheLink) -> Card:
    """How many points a customer has."""
    # TODO state: Tell what has become of a task
    raise NotImplementedError("state")
