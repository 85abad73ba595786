"""What resolvers share while one operation is executed."""

from typing import Any

from aiodataloader import DataLoader

from lesson21_final_project.gateway.calls import Calls
from lesson21_final_project.gateway.shop import Found, Shop
from lesson21_final_project.gateway.visitors import Visitor


class Context:
    """The shop for one visitor, and a loader that gathers whose orders are wanted at the same time."""

    def __init__(self, calls: Calls, visitor: Visitor, *, batching: bool) -> None:
        self.calls = calls
        self.shop = Shop(calls, visitor)
        self._batching = batching
        # TODO batching: Two calls, not a hundred and one

    async def orders_of(self, user: dict[str, Any]) -> list[Found]:
        """What a user has ordered."""
        # TODO batching: Two calls, not a hundred and one
        return await self.shop.orders_of(user["id"])
