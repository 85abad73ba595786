"""The composition root of ``web``: the one place that knows which parts the gateway is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson13_microservices.client import new_client
from lesson14_service_discovery.app import create_gateway
from lesson14_service_discovery.backends import registry_for
from lesson14_service_discovery.directory import Directory
from lesson14_service_discovery.settings import GatewaySettings
from lesson14_service_discovery.sources import start

settings = GatewaySettings.from_environment()
configure_logging(settings)
app = create_gateway(
    new_client(settings.upstream_timeout_s),
    registry_for(settings),
    Directory(settings.registry_ttl_s),
    start(settings.config_file),
    config_file=settings.config_file,
)
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(app, settings, loop="asyncio")
