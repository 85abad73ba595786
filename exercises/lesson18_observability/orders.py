"""The composition root of ``orders``."""

from typing import Annotated

from pydantic import AfterValidator, AmqpDsn, Field

from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.database import Database
from lesson05_postgresql.settings import DatabaseSettings
from lesson10_work_queues.link import Publisher
from lesson13_microservices.client import new_client
from lesson13_microservices.settings import base_url
from lesson18_observability import store
from lesson18_observability.app import create_orders
from lesson18_observability.checks import broker, postgresql
from lesson18_observability.messages import declare
from lesson18_observability.observed import make_observable
from lesson18_observability.settings import TelemetrySettings
from lesson18_observability.telemetry import start_telemetry
from lesson18_observability.users_client import UsersClient


class OrdersSettings(DatabaseSettings, TelemetrySettings):
    """What ``orders`` has to be told: where its database, the broker and the users are."""

    service: str = "orders"
    amqp_url: AmqpDsn
    users_url: Annotated[str, AfterValidator(base_url)]
    upstream_timeout_s: float = Field(default=2, gt=0, le=60)


if __name__ == "__main__":
    settings = OrdersSettings.from_environment()
    start_telemetry(settings)
    database = Database(settings.database_url, store.prepare)
    publisher = Publisher(str(settings.amqp_url), declare)
    users = UsersClient(new_client(settings.upstream_timeout_s), settings.users_url)
    app = create_orders(database, publisher, users)
    make_observable(app, checks={"database": postgresql(database), "broker": broker(publisher)})
    serve(app, settings, loop="asyncio")
