"""The API: HTTP on one side, the services' tables on the other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response

from lesson01_rest_crud.descriptions import BAD_INPUT, NOT_FOUND, TOO_LARGE, Responses
from lesson05_postgresql.database import Database
from lesson05_postgresql.descriptions import GONE, NO_ORDER
from lesson17_events_and_sagas.models import Order, OrderDraft, Product, ProductDraft, Replay, Sales
from lesson17_events_and_sagas.orders import Orders
from lesson17_events_and_sagas.replay import replay
from lesson17_events_and_sagas.sales import sales_of
from lesson17_events_and_sagas.shop_events import KEY
from lesson17_events_and_sagas.stock import Products

PLACED: Responses = {201: {"model": Order, "description": "The order is new"}}
ANOTHER: Responses = {409: {"description": "There is another order of that id"}}

router = APIRouter()


async def database_of(request: Request) -> Database:
    """The database that the composition root gave to the app."""
    database: Database = request.app.state.database
    return database


TheDatabase = Annotated[Database, Depends(database_of)]
ProductId = Annotated[str, Path(pattern=KEY)]


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


@router.put("/api/products/{product_id}", responses=BAD_INPUT | TOO_LARGE | GONE)
async def put_product(product_id: ProductId, draft: ProductDraft, database: TheDatabase) -> Product:
    """Say what a product costs, and how many there are."""
    product = Product(id=product_id, price=draft.price, stock=draft.stock)
    await Products(database).put(product)
    return product


@router.get("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT | GONE)
async def read_product(product_id: ProductId, database: TheDatabase) -> Product:
    """What a product costs, and how many there are."""
    product = await Products(database).get(product_id)
    if product is None:
        raise HTTPException(404, "there is no product of that id")
    return product


@router.put("/api/orders/{order_id}", responses=PLACED | ANOTHER | BAD_INPUT | TOO_LARGE | GONE)
async def place_order(order_id: UUID, draft: OrderDraft, database: TheDatabase, response: Response) -> Order:
    """Place an order under an id of the client's own, who may ask again when it does not know whether it was heard."""
    orders = Orders(database)
    if await orders.place(order_id, draft):
        response.status_code = 201
    order = await orders.get(order_id)
    if order is None or OrderDraft(**order.model_dump(include=set(OrderDraft.model_fields))) != draft:
        raise HTTPException(409, "there is another order of that id")
    return order


@router.get("/api/orders/{order_id}", responses=NO_ORDER | BAD_INPUT | GONE)
async def read_order(order_id: UUID, database: TheDatabase) -> Order:
    """One order, and what has become of it."""
    order = await Orders(database).get(order_id)
    if order is None:
        raise HTTPException(404, "there is no order of that id")
    return order


@router.get("/api/orders", responses=BAD_INPUT | GONE)
async def list_orders(
    user_id: Annotated[str, Query(alias="userId", pattern=KEY)], database: TheDatabase
) -> list[Order]:
    """A user's orders, the oldest first."""
    return await Orders(database).of_user(user_id)


@router.delete("/api/users/{user_id}", status_code=202, responses=BAD_INPUT | GONE)
async def delete_user(user_id: Annotated[str, Path(pattern=KEY)], database: TheDatabase) -> None:
    """Tell everybody that a user is gone."""
    await Orders(database).delete_user(user_id)


@router.get("/api/sales/{product_id}", responses=BAD_INPUT | GONE)
async def read_sales(product_id: ProductId, database: TheDatabase) -> Sales:
    """How a product sells."""
    return await sales_of(database, product_id)


@router.post("/api/replay", status_code=202, responses=GONE)
async def publish_all_again(database: TheDatabase) -> Replay:
    """Have everything that is made of events made anew."""
    return Replay(events=await replay(database))
