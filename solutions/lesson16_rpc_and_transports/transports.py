"""Which transport a process speaks: that of ``TRANSPORT``, and no other.

Each is imported where it is chosen: a process pays for the libraries of its own transport alone.
"""

from lesson16_rpc_and_transports.client import Wire
from lesson16_rpc_and_transports.settings import WebSettings


def wire_to_notifications(settings: WebSettings) -> Wire:
    """The client's end of the chosen transport."""
    match settings.transport:
        case "http":
            from lesson16_rpc_and_transports.over_http import HttpWire

            return HttpWire(str(settings.notifications_url).rstrip("/"))
        case "grpc":
            from lesson16_rpc_and_transports.over_grpc import GrpcWire

            return GrpcWire(settings.grpc_address)
        case "nats":
            from lesson16_rpc_and_transports.over_nats import NatsWire

            return NatsWire(str(settings.nats_url))
