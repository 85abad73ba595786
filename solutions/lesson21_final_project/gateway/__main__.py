"""The composition root of the gateway."""

from lesson03_middleware_logging.serving import serve
from lesson13_microservices.client import new_client
from lesson18_observability.telemetry import start_telemetry
from lesson21_final_project.gateway.app import create_app
from lesson21_final_project.gateway.settings import GatewaySettings
from lesson21_final_project.tracing import observe

settings = GatewaySettings.from_environment()
start_telemetry(settings)
client = new_client(settings.timeout_ms / 1000)
app = create_app(client, settings)
observe(app, {}, client)
# httpx cannot look at an idle connection that uvloop has closed by itself.
serve(app, settings, loop="asyncio")
