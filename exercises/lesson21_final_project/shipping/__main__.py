"""The composition root of the service of shipping."""

from lesson03_middleware_logging.serving import serve
from lesson17_events_and_sagas.backends import bus_for
from lesson18_observability.telemetry import start_telemetry
from lesson21_final_project.checks import broker
from lesson21_final_project.shipping.app import create_app
from lesson21_final_project.shipping.settings import ShippingSettings
from lesson21_final_project.topics import ALL
from lesson21_final_project.tracing import observe

settings = ShippingSettings.from_environment()
start_telemetry(settings)
app = create_app(bus_for(settings.broker_url, ALL), settings)
observe(app, {"rabbitmq": broker(settings.broker_url)})
serve(app, settings, loop="asyncio")
