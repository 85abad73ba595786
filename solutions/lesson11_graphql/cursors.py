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
    # --8<-- [start:pages]
    return urlsafe_b64encode(f"{PREFIX}{number}".encode()).decode()
    # --8<-- [end:pages]


def number_behind(field: str, cursor: str | None) -> int | None:
    """The id that a cursor stands for; raises ``BadField`` when it is none of ours."""
    # --8<-- [start:pages]
    if cursor is None:
        return None
    try:
        number = int(urlsafe_b64decode(cursor).decode().removeprefix(PREFIX))
    except ValueError:
        number = 0
    # Whatever is read, only what we would write ourselves is a cursor.
    if not 0 < number <= LARGEST_ID or cursor_of(number) != cursor:
        raise BadField(field, "it is no cursor that came from here")
    return number
    # --8<-- [end:pages]


def size_of(field: str, size: int) -> int:
    """How many nodes are wanted; raises ``BadField``."""
    # --8<-- [start:pages]
    if not 0 <= size <= LARGEST_PAGE:
        raise BadField(field, f"an integer from 0 to {LARGEST_PAGE} is due")
    return size
    # --8<-- [end:pages]


@dataclass(frozen=True)
class Slice(Generic[Node]):
    """The nodes of a page, in their order, and what lies beyond it."""

    nodes: list[Node]
    has_next: bool
    has_previous: bool

    def connection(self) -> dict[str, Any]:
        """The page as GraphQL tells it, its keys in snake_case as all that ``executable_schema`` reads."""
        # --8<-- [start:pages]
        edges = [{"node": node, "cursor": cursor_of(node.id)} for node in self.nodes]
        return {
            "edges": edges,
            "page_info": {
                "has_next_page": self.has_next,
                "has_previous_page": self.has_previous,
                "start_cursor": edges[0]["cursor"] if edges else None,
                "end_cursor": edges[-1]["cursor"] if edges else None,
            },
        }
        # --8<-- [end:pages]


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
        # --8<-- [start:pages]
        if first is not None and last is not None:
            raise BadField("last", "the first or the last, not both")
        size = size_of("first", DEFAULT_PAGE if first is None else first) if last is None else size_of("last", last)
        return cls(size, last is not None, number_behind("after", after), number_behind("before", before))
        # --8<-- [end:pages]

    def cut(self, rows: list[Node]) -> Slice[Node]:
        """The slice, of up to one row too many; the last ones come in reverse."""
        # --8<-- [start:pages]
        has_more, kept = len(rows) > self.size, rows[: self.size]
        if self.is_last:
            return Slice(kept[::-1], has_next=self.before is not None, has_previous=has_more)
        return Slice(kept, has_next=has_more, has_previous=self.after is not None)
        # --8<-- [end:pages]
