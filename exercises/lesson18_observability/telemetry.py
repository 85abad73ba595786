"""Everything that a process tells of itself, set up once."""

from opentelemetry import trace

from lesson03_middleware_logging.logs import configure_logging
from lesson18_observability.log_ids import add_trace_ids
from lesson18_observability.settings import TelemetrySettings
from lesson18_observability.tracing import new_provider


def start_telemetry(settings: TelemetrySettings) -> None:
    """Set up logging, and the export of spans; to be called once, before anything logs."""
    configure_logging(settings, add_trace_ids)
    trace.set_tracer_provider(new_provider(settings))
