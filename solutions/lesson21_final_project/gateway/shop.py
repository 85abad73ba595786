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
        # --8<-- [start:gateway]
        if self._visitor.claims is None:
            raise Coded(UNAUTHENTICATED, "log in first: send the header Authorization: Bearer and a token")
        return self._visitor.claims
        # --8<-- [end:gateway]

    async def user(self, user_id: str) -> Found | None:
        """One user; None if there is none whom the visitor may see."""
        # --8<-- [start:gateway]
        self.visitor()
        return await self._one("users", f"/users/{quote(user_id, safe='')}")
        # --8<-- [end:gateway]

    async def users(self, first: int, after: str | None) -> list[Found]:
        """The first so many users by id, after one of them."""
        # --8<-- [start:gateway]
        if self.visitor().role is not Role.ADMIN:
            raise Coded(FORBIDDEN, "this is for admins")
        if not 0 <= first <= MOST_USERS:
            raise Coded(BAD_USER_INPUT, f"first: an integer from 0 to {MOST_USERS} is due")
        wanted = {"first": str(first), **({"after": after} if after else {})}
        users: list[Found] = await self._calls.get("users", f"/users?{urlencode(wanted)}")
        return users
        # --8<-- [end:gateway]

    async def orders_of(self, user_id: str) -> list[Found]:
        """The orders of one user."""
        # --8<-- [start:gateway]
        orders: list[Found] = await self._calls.get("orders", f"/orders?{urlencode({'userId': user_id})}")
        return orders
        # --8<-- [end:gateway]

    async def orders_of_all(self, user_ids: Sequence[str]) -> list[list[Found]]:
        """The orders of each of these users, in the order of the ids, by one call."""
        # starter: return [await self.orders_of(user_id) for user_id in user_ids]
        # --8<-- [start:batching]
        orders_of: dict[str, list[Found]] = {user_id: [] for user_id in user_ids}
        if orders_of:
            for order in await self._calls.get("orders", f"/orders?userIds={','.join(orders_of)}"):
                orders_of[order["userId"]].append(order)
        return [orders_of[user_id] for user_id in user_ids]
        # --8<-- [end:batching]

    async def order(self, order_id: str) -> Found | None:
        """One order; None if there is none that the visitor may see."""
        # --8<-- [start:gateway]
        self.visitor()
        return await self._one("orders", f"/orders/{order_id}") if order_id.isascii() and order_id.isdigit() else None
        # --8<-- [end:gateway]

    async def products(self) -> list[Found]:
        """What can be ordered."""
        # --8<-- [start:gateway]
        products: list[Found] = await self._calls.get("orders", "/products")
        return products
        # --8<-- [end:gateway]

    async def register(self, email: str, password: str) -> Found:
        """Make a customer."""
        # --8<-- [start:gateway]
        user: Found = await self._calls.send("users", "POST", "/users", {"email": email, "password": password})
        return user
        # --8<-- [end:gateway]

    async def log_in(self, email: str, password: str) -> Found:
        """A token, and whose it is."""
        # --8<-- [start:gateway]
        session: Found = await self._calls.send("users", "POST", "/sessions", {"email": email, "password": password})
        return session
        # --8<-- [end:gateway]

    async def place(self, lines: list[Found], key: str | None) -> Found:
        """Order something; with the same key it is the same order."""
        # --8<-- [start:gateway]
        self.visitor()
        items = [{"productId": number_of(line["productoId"]), "quantity": line["cantidad"]} for line in lines]
        order: Found = await self._calls.send("orders", "POST", "/orders", {"items": items}, key)
        return order
        # --8<-- [end:gateway]

    async def ship(self, order_id: str) -> None:
        """Have an order sent to whoever placed it."""
        # --8<-- [start:gateway]
        if self.visitor().role is not Role.ADMIN:
            raise Coded(FORBIDDEN, "this is for admins")
        order = await self.order(order_id)
        if order is None:
            raise Coded(NOT_FOUND, "there is no order of that id")
        if order["estado"] == "HUERFANO":
            raise Coded(CONFLICT, "whoever placed this order has left")
        parcel = {"orderId": str(order["id"]), "userId": order["userId"]}
        await self._calls.send("shipping", "POST", "/shipments", parcel)
        # --8<-- [end:gateway]

    async def remove_user(self, user_id: str) -> bool:
        """Delete a user; False if there was none."""
        # --8<-- [start:gateway]
        self.visitor()
        try:
            await self._calls.send("users", "DELETE", f"/users/{quote(user_id, safe='')}")
        except Coded as refused:
            if refused.extensions["code"] != NOT_FOUND:
                raise
            return False
        return True
        # --8<-- [end:gateway]

    async def _one(self, service: str, target: str) -> Found | None:
        # --8<-- [start:gateway]
        try:
            found: Found = await self._calls.get(service, target)
            return found
        except Coded as refused:
            if refused.extensions["code"] in NONE:
                return None
            raise
        # --8<-- [end:gateway]


def number_of(product_id: str) -> int:
    """The id as the service of orders has it; raises ``Coded`` for what cannot be one."""
    if not (product_id.isascii() and product_id.isdigit() and len(product_id) < 16):
        raise Coded(BAD_USER_INPUT, "lineas.productoId: there is no product of that id")
    return int(product_id)
