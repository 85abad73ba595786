"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson13_microservices.client import new_client
from lesson15_resilience.app import create_gateway
from lesson15_resilience.settings import ResilienceSettings

settings = ResilienceSettings.from_environment()
configure_logging(settings)
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(create_gateway(new_client(settings.timeout_ms / 1000), settings), settings, loop="asyncio")
