"""The API beyond products: how many there are of each, and orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Request, Response

from lesson01_rest_crud.descriptions import BAD_INPUT, NOT_FOUND, TOO_LARGE
from lesson01_rest_crud.routes import LARGEST_ID, ProductId
from lesson05_postgresql.descriptions import GONE, LISTED, NO_ORDER, OUT_OF_STOCK, PLACED
from lesson05_postgresql.models import Order, OrderDraft, Stock
from lesson05_postgresql.orders import Orders
from lesson05_postgresql.products import Products


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """Keep the database's connections open as long as the app runs."""
    async with app.state.database:
        yield


router = APIRouter(lifespan=connected)


async def products_of(request: Request) -> Products:
    """The products that the composition root gave to the app."""
    products: Products = request.app.state.products
    return products


async def orders_of(request: Request) -> Orders:
    """The orders that the composition root gave to the app."""
    orders: Orders = request.app.state.orders
    return orders


AllProducts = Annotated[Products, Depends(products_of)]
AllOrders = Annotated[Orders, Depends(orders_of)]


@router.get("/api/products/{product_id}/stock", responses=NOT_FOUND | BAD_INPUT | GONE)
async def read_stock(product_id: ProductId, products: AllProducts) -> Stock:
    """How many there are of a product."""
    # --8<-- [start:stock]
    quantity = await products.stock(product_id)
    if quantity is None:
        raise HTTPException(404, "there is no product of that id")
    return Stock(quantity=quantity)
    # --8<-- [end:stock]


@router.put("/api/products/{product_id}/stock", responses=NOT_FOUND | BAD_INPUT | TOO_LARGE | GONE)
async def set_stock(product_id: ProductId, stock: Stock, products: AllProducts) -> Stock:
    """Say how many there are of a product."""
    # --8<-- [start:stock]
    if not await products.set_stock(product_id, stock.quantity):
        raise HTTPException(404, "there is no product of that id")
    return stock
    # --8<-- [end:stock]


@router.post("/api/orders", status_code=201, responses=PLACED | OUT_OF_STOCK | BAD_INPUT | TOO_LARGE | GONE)
async def place_order(draft: OrderDraft, orders: AllOrders, response: Response) -> Order:
    """Buy what the draft lists, all of it or nothing."""
    # --8<-- [start:orders]
    order = await orders.place(draft)
    response.headers["Location"] = f"/api/orders/{order.id}"
    return order
    # --8<-- [end:orders]


@router.get("/api/orders/{order_id}", responses=NO_ORDER | BAD_INPUT | GONE)
async def read_order(order_id: Annotated[int, Path(ge=1, le=LARGEST_ID)], orders: AllOrders) -> Order:
    """One order, as it was placed."""
    # --8<-- [start:orders]
    order = await orders.get(order_id)
    if order is None:
        raise HTTPException(404, "there is no order of that id")
    return order
    # --8<-- [end:orders]


@router.get("/api/orders", responses=LISTED | BAD_INPUT | GONE)
async def list_orders(
    orders: AllOrders,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[int, Query(ge=1, le=LARGEST_ID)] = LARGEST_ID,
) -> list[Order]:
    """Orders from the newest on, or from the one after that id; the header Link leads to the next page."""
    # --8<-- [start:pages]
    found = await orders.older(after, limit + 1)
    page = found[:limit]
    if len(found) > limit:
        response.headers["Link"] = f'</api/orders?limit={limit}&after={page[-1].id}>; rel="next"'
    return page
    # --8<-- [end:pages]
