"""What a task is: as a client asks for it, and as it lies in the queue."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic.alias_generators import to_camel


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Wire(BaseModel):
    """Something that goes over the wire: camelCase there, no unknown fields, no type that is nearly right."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, extra="forbid", strict=True
    )


class Receipt(Wire):
    """A text to be sealed: the result is its SHA-256."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class Points(Wire):
    """Points to be put on a customer's card."""

    customer: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,100}$")]
    points: int = Field(ge=1, le=1_000_000)


class Drill(Wire):
    """Trouble to rehearse: how long each attempt takes at least, and how many attempts fail before one succeeds."""

    seconds: float = Field(default=0, ge=0, le=5)
    failures: int = Field(default=0, ge=0, le=100)


class Draft(Wire):
    """A task as a client asks for it."""

    drill: Drill = Drill()


class ReceiptDraft(Draft):
    """Asks for a receipt."""

    task: Literal["receipt"]
    payload: Receipt


class PointsDraft(Draft):
    """Asks for points."""

    task: Literal["points"]
    payload: Points


class Accepted(Wire):
    """What we add to a draft: an id of our own, and when we took it."""

    id: UUID
    created_at: AwareDatetime


class ReceiptTask(Accepted, ReceiptDraft):
    """A receipt to be made."""


class PointsTask(Accepted, PointsDraft):
    """Points to be given."""


TaskDraft = Annotated[ReceiptDraft | PointsDraft, Field(discriminator="task")]
Task = Annotated[ReceiptTask | PointsTask, Field(discriminator="task")]

TASK: TypeAdapter[Task] = TypeAdapter(Task)


def accept(draft: TaskDraft) -> Task:
    """The draft as a task of its own."""
    return TASK.validate_python({"id": uuid4(), "created_at": now(), **dict(draft)})
