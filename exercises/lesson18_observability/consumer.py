"""The consumer: hears of each order that was made. It serves no requests but those of whoever runs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event

import structlog
from fastapi import FastAPI
from pika.adapters.blocking_connection import BlockingChannel
from pydantic import AmqpDsn, ValidationError
from structlog.contextvars import bound_contextvars

from lesson01_rest_crud.routes import health
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson03_middleware_logging.serving import serve
from lesson10_work_queues.connection import Delivery, deliveries, keep_connected
from lesson18_observability.checks import broker
from lesson18_observability.messages import PEDIDO_CREADO, declare
from lesson18_observability.messaging import processing
from lesson18_observability.models import Order
from lesson18_observability.observed import make_observable
from lesson18_observability.settings import TelemetrySettings
from lesson18_observability.telemetry import start_telemetry

log = structlog.get_logger("consumer")


class ConsumerSettings(TelemetrySettings):
    """What ``consumer`` has to be told: where the broker is."""

    service: str = "consumer"
    amqp_url: AmqpDsn


class Consumer:
    """Takes events from the queue on a thread of its own, because the broker's client blocks."""

    def __init__(self, url: str) -> None:
        self.connected = False
        self._url = url
        self._stopping = Event()

    def run(self) -> None:
        """Take events until ``stop``; a broker that goes away is waited for."""
        keep_connected(self._url, self._use, self._stopping, declare)

    def stop(self) -> None:
        """Have ``run`` return; an event in hand is finished first."""
        self._stopping.set()

    def _use(self, channel: BlockingChannel) -> None:
        self.connected = True
        try:
            for delivery in deliveries(channel, PEDIDO_CREADO, self._stopping):
                self._take(channel, delivery)
        finally:
            self.connected = False

    def _take(self, channel: BlockingChannel, delivery: Delivery) -> None:
        """Deal with an event, as a part of the trace and of the request that it came from."""
        properties = delivery.properties
        with (
            bound_contextvars(request_id=properties.correlation_id),
            processing(PEDIDO_CREADO, str(properties.message_id), properties.headers or {}),
        ):
            try:
                order = Order.model_validate_json(delivery.body)
            except ValidationError as error:
                log.error("this is no order", reason=str(error))
                channel.basic_reject(delivery.tag, requeue=False)
            else:
                log.info(PEDIDO_CREADO, order_id=order.id, user_id=order.user_id)
                channel.basic_ack(delivery.tag)


def create_app(consumer: Consumer) -> FastAPI:
    """An app that consumes as long as it runs."""

    @asynccontextmanager
    async def consuming(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(asyncio.to_thread(consumer.run))
        yield
        consumer.stop()
        await running

    app = FastAPI(title="Consumer", docs_url=None, redoc_url=None, openapi_url=None, lifespan=consuming)
    app.get("/health")(health)
    add_middleware_and_logging(app)
    return app


if __name__ == "__main__":
    settings = ConsumerSettings.from_environment()
    start_telemetry(settings)
    consumer = Consumer(str(settings.amqp_url))
    app = create_app(consumer)
    make_observable(app, checks={"broker": broker(consumer)})
    serve(app, settings)
