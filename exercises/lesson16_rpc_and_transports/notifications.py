"""The composition root of ``notifications``, the notification service."""

import asyncio

from prometheus_client import CollectorRegistry

from lesson03_middleware_logging.logs import configure_logging
from lesson16_rpc_and_transports.app import create_app
from lesson16_rpc_and_transports.calls import Handler, wrapped
from lesson16_rpc_and_transports.contract import SEND
from lesson16_rpc_and_transports.deadlines import keep_deadline
from lesson16_rpc_and_transports.http_server import HttpServer
from lesson16_rpc_and_transports.lifecycle import Lifecycle, Server, Stage
from lesson16_rpc_and_transports.metrics import count_calls
from lesson16_rpc_and_transports.service import NotificationService
from lesson16_rpc_and_transports.settings import NotificationsSettings
from lesson16_rpc_and_transports.wrappers import check_token, log_calls, tell_all_errors


def handler_of(service: NotificationService, settings: NotificationsSettings, registry: CollectorRegistry) -> Handler:
    """What answers a call, with all that is done around it."""
    may_do_all, may_look = settings.service_token.get_secret_value(), settings.reader_token.get_secret_value()
    return wrapped(
        tell_all_errors(service.dispatcher()),
        log_calls("server", settings.transport),
        count_calls("server", settings.transport, registry),
        keep_deadline,
        check_token({may_do_all: frozenset(), may_look: frozenset({SEND.name})}),
    )


def servers_of(
    settings: NotificationsSettings, handler: Handler, registry: CollectorRegistry, lifecycle: Lifecycle
) -> list[Server]:
    """What the process listens with: HTTP for those who run it, and the transport that is chosen."""
    match settings.transport:
        case "http":
            from lesson16_rpc_and_transports.over_http import routes_to

            return [HttpServer(create_app("Notifications", registry, routes_to(handler)), settings)]
        case "grpc":
            from lesson16_rpc_and_transports.over_grpc import GrpcServer

            server = GrpcServer(handler, settings.grpc_address)
            lifecycle.on(Stage.BEFORE_STOP, server.refuse)
            return [server, HttpServer(create_app("Notifications", registry), settings)]
        case "nats":
            from lesson16_rpc_and_transports.over_nats import NatsServer

            return [
                NatsServer(handler, str(settings.nats_url)),
                HttpServer(create_app("Notifications", registry), settings),
            ]


async def main(settings: NotificationsSettings) -> None:
    """Run until asked to stop."""
    registry, lifecycle = CollectorRegistry(), Lifecycle()
    handler = handler_of(NotificationService(), settings, registry)
    await lifecycle.run(servers_of(settings, handler, registry, lifecycle))


if __name__ == "__main__":
    settings = NotificationsSettings.from_environment()
    configure_logging(settings)
    asyncio.run(main(settings))
