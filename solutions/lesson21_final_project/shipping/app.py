"""The service of shipping, put together from its parts; it keeps nothing, and the broker keeps what it says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from lesson03_middleware_logging.problems import problem
from lesson05_postgresql.errors import RETRY_AFTER_S
from lesson05_postgresql.models import OnTheWire
from lesson06_mongodb.models import Role
from lesson07_jwt_auth.errors import NotAllowed
from lesson17_events_and_sagas.bus import BusGone, EventBus
from lesson17_events_and_sagas.events import new_event
from lesson21_final_project.correlation import headers_now, request_id_now
from lesson21_final_project.inside import Caller
from lesson21_final_project.service import finish
from lesson21_final_project.shipping.settings import ShippingSettings
from lesson21_final_project.topics import ORDER_SENT


class Parcel(OnTheWire):
    """What is sent, and to whom."""

    order_id: str = Field(pattern=r"^[1-9][0-9]{0,17}$")
    user_id: str = Field(min_length=1, max_length=100)


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer 503: nobody would hear of the parcel."""
    return problem(503, "the broker cannot be reached", headers={"Retry-After": str(RETRY_AFTER_S)})


def create_app(bus: EventBus, settings: ShippingSettings) -> FastAPI:
    """The service over the bus, which is opened and closed with the app."""

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with bus:
            yield

    app = FastAPI(title="Shipping", openapi_url=None, lifespan=connected)

    @app.post("/shipments", status_code=202)
    async def ship(parcel: Parcel, caller: Caller) -> None:
        """Send a parcel: done when the broker has the news of it."""
        # --8<-- [start:events]
        if caller.role is not Role.ADMIN:
            raise NotAllowed
        data = {"orderId": parcel.order_id, "userId": parcel.user_id}
        event = new_event(
            ORDER_SENT, "shipping", parcel.order_id, data, correlation_id=request_id_now(), headers=headers_now()
        )
        await bus.publish([event])
        # --8<-- [end:events]

    app.add_exception_handler(BusGone, unavailable)
    finish(app, settings)
    return app
