"""The composition root of ``web``, the gateway."""

from typing import Annotated

from pydantic import AfterValidator, Field

from lesson03_middleware_logging.serving import serve
from lesson13_microservices.app import fixed
from lesson13_microservices.client import new_client
from lesson13_microservices.settings import base_url
from lesson18_observability.app import create_gateway
from lesson18_observability.observed import make_observable
from lesson18_observability.settings import TelemetrySettings
from lesson18_observability.telemetry import start_telemetry


class GatewaySettings(TelemetrySettings):
    """What the gateway has to be told: where the services are, and for how long one may say nothing."""

    service: str = "gateway"
    users_url: Annotated[str, AfterValidator(base_url)]
    orders_url: Annotated[str, AfterValidator(base_url)]
    upstream_timeout_s: float = Field(default=5, gt=0, le=60)


settings = GatewaySettings.from_environment()
start_telemetry(settings)
services = fixed({"users": settings.users_url, "orders": settings.orders_url})
app = create_gateway(new_client(settings.upstream_timeout_s), services)
make_observable(app, checks={})
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(app, settings, loop="asyncio")
