"""What the gateway asks the services, in the words of the shop."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from lesson06_mongodb.models import Role
from lesson07_jwt_auth.tokens import Claims
from lesson11_graphql.errors import BAD_USER_INPUT, Coded
from lesson21_final_project.gateway.calls import Calls
from lesson21_final_project.gateway.errors import CONFLICT, FORBIDDEN, NOT_FOUND, UNAUTHENTICATED
from lesson21_final_project.gateway.visitors import Visitor

Found = dict[str, Any]

MOST_USERS = 100
# A user who is somebody else is as good as none: nobody learns who is a customer here.
NONE = {FORBIDDEN, NOT_FOUND}


class Shop:
    """The shop for one visitor, as long as one operation lasts."""

    def __init__(self, calls: Calls, visitor: Visitor) -> None:
        self._calls = calls
        self._visitor = visitor

    def visitor(self) -> Claims:
        """Who is asking; raises ``Coded`` when nobody said."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def user(self, user_id: str) -> Found | None:
        """One user; None if there is none whom the visitor may see."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def users(self, first: int, after: str | None) -> list[Found]:
        """The first so many users by id, after one of them."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def orders_of(self, user_id: str) -> list[Found]:
        """The orders of one user."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def orders_of_all(self, user_ids: Sequence[str]) -> list[list[Found]]:
        """The orders of each of these users, in the order of the ids, by one call."""
        # TODO batching: Two calls, not a hundred and one
        return [await self.orders_of(user_id) for user_id in user_ids]

    async def order(self, order_id: str) -> Found | None:
        """One order; None if there is none that the visitor may see."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def products(self) -> list[Found]:
        """What can be ordered."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def register(self, email: str, password: str) -> Found:
        """Make a customer."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def log_in(self, email: str, password: str) -> Found:
        """A token, and whose it is."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def place(self, lines: list[Found], key: str | None) -> Found:
        """Order something; with the same key it is the same order."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def ship(self, order_id: str) -> None:
        """Have an order sent to whoever placed it."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def remove_user(self, user_id: str) -> bool:
        """Delete a user; False if there was none."""
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")

    async def _one(self, service: str, target: str) -> Found | None:
        # TODO gateway: One door, one answer
        raise NotImplementedError("gateway")


def number_of(product_id: str) -> int:
    """The id as the service of orders has it; raises ``Coded`` for what cannot be one."""
    if not (product_id.isascii() and product_id.isdigit() and len(product_id) < 16):
        raise Coded(BAD_USER_INPUT, "lineas.productoId: there is no product of that id")
    return int(product_id)
