"""The orders' API."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from lesson01_rest_crud.routes import LARGEST_ID
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField
from lesson10_work_queues.link import Publisher
from lesson18_observability import store
from lesson18_observability.messages import PEDIDO_CREADO, pedido_creado
from lesson18_observability.messaging import sending
from lesson18_observability.models import Order, OrderDraft
from lesson18_observability.users_client import UsersClient

router = APIRouter(prefix="/api/orders")


async def database_of(request: Request) -> Database:
    """The database that the composition root gave to the app."""
    database: Database = request.app.state.database
    return database


async def publisher_of(request: Request) -> Publisher:
    """The publisher that the composition root gave to the app."""
    publisher: Publisher = request.app.state.publisher
    return publisher


async def users_of(request: Request) -> UsersClient:
    """The client of the users that the composition root gave to the app."""
    users: UsersClient = request.app.state.users
    return users


TheDatabase = Annotated[Database, Depends(database_of)]
ThePublisher = Annotated[Publisher, Depends(publisher_of)]
TheUsers = Annotated[UsersClient, Depends(users_of)]


@router.post("", status_code=201)
async def create_order(
    draft: OrderDraft, database: TheDatabase, publisher: ThePublisher, users: TheUsers, response: Response
) -> Order:
    """Store an order of a user that there is, and tell so with an event; both or, when the broker is away, neither."""
    if not await users.has(draft.user_id):
        raise BadField("userId", "there is no user of that id")
    async with database.connection() as connection, connection.transaction():
        order = await store.add(connection, draft)
        message_id = str(uuid4())
        with sending(PEDIDO_CREADO, message_id) as headers:
            await publisher.publish(pedido_creado(order, message_id, headers))
    response.headers["Location"] = f"/api/orders/{order.id}"
    return order


@router.get("/{order_id}")
async def read_order(order_id: Annotated[int, Path(ge=1, le=LARGEST_ID)], database: TheDatabase) -> Order:
    """One order."""
    async with database.connection() as connection:
        order = await store.get(connection, order_id)
    if order is None:
        raise HTTPException(404, "there is no order of that id")
    return order
