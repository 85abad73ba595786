"""Which trace a log line belongs to."""

from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger


def add_trace_ids(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Put the ids of the current span into the line, in hexadecimal as the header ``traceparent`` has them.

    The names are those that OpenTelemetry gives them outside its own protocol
    (https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context).
    """
    # TODO logs: From a log line to its trace
    return line
