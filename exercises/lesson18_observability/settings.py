"""What a process whose work can be seen has to be told, or may be."""

from pydantic import Field, HttpUrl

from lesson03_middleware_logging.settings import LoggingSettings


class TelemetrySettings(LoggingSettings):
    """Where spans are exported to, and which share of the traces that begin here is.

    The names are OpenTelemetry's own (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables):
    what else its SDK reads from the environment counts too.
    """

    otel_exporter_otlp_endpoint: HttpUrl | None = None
    otel_traces_sampler_arg: float = Field(default=1, ge=0, le=1)
