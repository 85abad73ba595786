"""What clients may send, and how they are told of a mistake."""

from typing import Annotated, Any, TypeVar
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from lesson01_rest_crud.errors import FieldError

MOST_BYTES = 2000


class Refused(Exception):
    """What was sent is not done; ``status`` is one of HTTP's, because everybody knows those."""

    def __init__(self, status: int, detail: str, errors: list[FieldError] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors


def not_too_long(text: str) -> str:
    """The text itself; raises ValueError when it takes more than ``MOST_BYTES`` bytes in UTF-8."""
    # --8<-- [start:refuse]
    if len(text.encode()) > MOST_BYTES:
        raise ValueError(f"at most {MOST_BYTES} bytes in UTF-8")
    # --8<-- [end:refuse]
    return text


class Payload(BaseModel):
    """Something that comes over the wire: camelCase there, no unknown fields, no type that is nearly right."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", strict=True)


Topic = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Join(Payload):
    """Asks to hear a topic, and for what was said there after the message ``since``."""

    topic: Topic
    since: int = Field(default=0, ge=0, le=2**53)


class Leave(Payload):
    """Asks to hear a topic no longer."""

    topic: Topic


class Draft(Payload):
    """A message as its sender writes it; the same ``client_id`` again means the same message."""

    topic: Topic
    text: Annotated[str, StringConstraints(min_length=1), AfterValidator(not_too_long)]
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        default_factory=lambda: str(uuid4())
    )


P = TypeVar("P", bound=Payload)


def parse(model: type[P], arguments: tuple[Any, ...]) -> P:
    """The one payload among an event's arguments; raises ``Refused`` when it is not what it claims to be."""
    # starter: return model.model_construct(**arguments[0])
    # --8<-- [start:refuse]
    if len(arguments) != 1:
        raise Refused(422, "an event has one payload")
    try:
        return model.model_validate(arguments[0])
    except ValidationError as error:
        errors = [FieldError(field=field_of(wrong["loc"]), message=wrong["msg"]) for wrong in error.errors()]
        raise Refused(422, "the payload makes no sense; errors says where", errors) from None
    # --8<-- [end:refuse]


def field_of(loc: tuple[int | str, ...]) -> str:
    """The field's name on the wire; the payload itself when that is wrong as a whole."""
    return ".".join(map(str, loc)) or "payload"
