"""Pages as Relay's specification has them (https://relay.dev/graphql/connections.htm)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

from lesson01_rest_crud.routes import LARGEST_ID
from lesson05_postgresql.errors import BadField

LARGEST_PAGE = 100
DEFAULT_PAGE = 20
PREFIX = "post:"


class Numbered(Protocol):
    """What has an id."""

    @property
    def id(self) -> int:
        """By which pages are cut."""


Node = TypeVar("Node", bound=Numbered)


def cursor_of(number: int) -> str:
    """The cursor of the node of that id: opaque, so that nobody builds one of their own."""
    # TODO pages: Turn pages by cursors
    raise NotImplementedError("pages")


def number_behind(field: str, cursor: str | None) -> int | None:
    """The id that a cursor stands for; raises ``BadField`` when it is none of ours."""
    # TODO pages: Turn pages by cursors
    raise NotImplementedError("pages")


def size_of(field: str, size: int) -> int:
    """How many nodes are wanted; raises ``BadField``."""
    # TODO pages: Turn pages by cursors
    raise NotImplementedError("pages")


@dataclass(frozen=True)
class Slice(Generic[Node]):
    """The nodes of a page, in their order, and what lies beyond it."""

    nodes: list[Node]
    has_next: bool
    has_previous: bool

    def connection(self) -> dict[str, Any]:
        """The page as GraphQL tells it, its keys in snake_case as all that ``executable_schema`` reads."""
        # TODO pages: Turn pages by cursors
        raise NotImplementedError("pages")


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted: the first so many or the last, between two ids that are not part of it."""

    size: int
    is_last: bool
    after: int | None
    before: int | None

    @classmethod
    def asked_for(cls, first: int | None, last: int | None, after: str | None, before: str | None) -> Self:
        """The page that a client's arguments describe; raises ``BadField``."""
        # TODO pages: Turn pages by cursors
        raise NotImplementedError("pages")

    def cut(self, rows: list[Node]) -> Slice[Node]:
        """The slice, of up to one row too many; the last ones come in reverse."""
        # TODO pages: Turn pages by cursors
        raise NotImplementedError("pages")
