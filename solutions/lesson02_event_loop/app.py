"""The app: lesson 1's shop, which now also asks suppliers and seals receipts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from lesson01_rest_crud.app import create_app as create_shop
from lesson01_rest_crud.repository import ProductRepository
from lesson02_event_loop.routes import router
from lesson02_event_loop.sealing import Sealer
from lesson02_event_loop.suppliers import Suppliers


def create_app(products: ProductRepository, suppliers: Suppliers, sealer: Sealer) -> FastAPI:
    """The shop over any storage of products."""

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        async with suppliers, sealer:
            yield

    app = create_shop(products, opened)
    app.state.suppliers = suppliers
    app.state.sealer = sealer
    app.include_router(router)
    return app
