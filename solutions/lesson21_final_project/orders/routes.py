"""The routes of the service of orders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request

from lesson01_rest_crud.routes import LARGEST_ID
from lesson05_postgresql.models import OrderDraft
from lesson06_mongodb.models import Role
from lesson21_final_project.inside import Caller, only_for
from lesson21_final_project.orders.models import Offered, Placed
from lesson21_final_project.orders.store import Store

MOST_AT_ONCE = 100

router = APIRouter()


async def store_of(request: Request) -> Store:
    """The orders that the composition root gave to the app."""
    store: Store = request.app.state.store
    return store


TheStore = Annotated[Store, Depends(store_of)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=100)]


@router.post("/orders", status_code=201)
async def place(draft: OrderDraft, caller: Caller, store: TheStore, key: Key = None) -> Placed:
    """Order something."""
    # --8<-- [start:orders]
    return await store.place(caller.sub, draft, key)
    # --8<-- [end:orders]


@router.get("/orders")
async def show_many(
    caller: Caller,
    store: TheStore,
    user_id: Annotated[str | None, Query(alias="userId")] = None,
    user_ids: Annotated[str, Query(alias="userIds", max_length=10_000)] = "",
) -> list[Placed]:
    """The orders of a user, or of several."""
    # --8<-- [start:orders]
    wanted = [user_id] if user_id else user_ids.split(",")[:MOST_AT_ONCE]
    only_for(caller, *wanted)
    return await store.of_users(wanted)
    # --8<-- [end:orders]


@router.get("/orders/{order_id}")
async def show(order_id: int, caller: Caller, store: TheStore) -> Placed:
    """One order; another's is none, so that nobody learns which there are."""
    # --8<-- [start:orders]
    order = await store.get(order_id) if 0 < order_id <= LARGEST_ID else None
    if order is None or (caller.role is not Role.ADMIN and order.user_id != caller.sub):
        raise HTTPException(404, "there is no order of that id")
    return order
    # --8<-- [end:orders]


@router.get("/products")
async def products(store: TheStore) -> list[Offered]:
    """What can be ordered."""
    return await store.products()
