"""The composition root of ``web``, the gateway."""

from lesson03_middleware_logging.serving import serve
from lesson13_microservices.app import fixed
from lesson13_microservices.client import new_client
from lesson18_observability.app import create_gateway
from lesson18_observability.observed import make_observable
from lesson18_observability.settings import GatewaySettings
from lesson18_observability.telemetry import start_telemetry

settings = GatewaySettings.from_environment()
start_telemetry(settings)
services = fixed({"users": settings.users_url, "orders": settings.orders_url})
app = create_gateway(new_client(settings.upstream_timeout_s), services)
make_observable(app, checks={})
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(app, settings, loop="asyncio")
