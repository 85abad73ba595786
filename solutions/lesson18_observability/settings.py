"""What a process whose work can be seen has to be told, or may be."""

from typing import Annotated

from pydantic import AfterValidator, AmqpDsn, Field, HttpUrl

from lesson03_middleware_logging.settings import LoggingSettings
from lesson05_postgresql.settings import DatabaseSettings
from lesson06_mongodb.settings import MongoSettings
from lesson13_microservices.settings import base_url


class TelemetrySettings(LoggingSettings):
    """Where spans are exported to, and which share of the traces that begin here is.

    The names are OpenTelemetry's own (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables):
    what else its SDK reads from the environment counts too.
    """

    # --8<-- [start:configure]
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    otel_traces_sampler_arg: float = Field(default=1, ge=0, le=1)
    # --8<-- [end:configure]


class GatewaySettings(TelemetrySettings):
    """What ``web`` has to be told: where the services are."""

    service: str = "gateway"
    users_url: Annotated[str, AfterValidator(base_url)]
    orders_url: Annotated[str, AfterValidator(base_url)]
    upstream_timeout_s: float = Field(default=5, gt=0, le=60)


class UsersSettings(MongoSettings, TelemetrySettings):
    """What ``users`` has to be told: where its database is."""

    service: str = "users"


class OrdersSettings(DatabaseSettings, TelemetrySettings):
    """What ``orders`` has to be told: where its database, the broker and the users are."""

    service: str = "orders"
    amqp_url: AmqpDsn
    users_url: Annotated[str, AfterValidator(base_url)]
    upstream_timeout_s: float = Field(default=2, gt=0, le=60)


class ConsumerSettings(TelemetrySettings):
    """What ``consumer`` has to be told: where the broker is."""

    service: str = "consumer"
    amqp_url: AmqpDsn
