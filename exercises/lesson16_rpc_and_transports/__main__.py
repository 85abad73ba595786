"""The composition root of ``web``, the event service."""

import asyncio

from prometheus_client import CollectorRegistry

from lesson03_middleware_logging.logs import configure_logging
from lesson16_rpc_and_transports.app import create_web
from lesson16_rpc_and_transports.client import Client, client_wrappers
from lesson16_rpc_and_transports.events import EventService
from lesson16_rpc_and_transports.http_server import HttpServer
from lesson16_rpc_and_transports.lifecycle import Lifecycle, Stage
from lesson16_rpc_and_transports.settings import WebSettings
from lesson16_rpc_and_transports.transports import wire_to_notifications


async def main(settings: WebSettings) -> None:
    """Run until asked to stop."""
    registry, lifecycle = CollectorRegistry(), Lifecycle()
    wire = wire_to_notifications(settings)
    lifecycle.on(Stage.BEFORE_START, wire.open)
    lifecycle.on(Stage.AFTER_STOP, wire.close)
    token = settings.service_token.get_secret_value()
    events = EventService(Client(wire, *client_wrappers(settings.transport, token, registry)))
    app = create_web(events, registry, settings.call_timeout_ms / 1000)
    await lifecycle.run([HttpServer(app, settings)])


if __name__ == "__main__":
    settings = WebSettings.from_environment()
    configure_logging(settings)
    asyncio.run(main(settings))
