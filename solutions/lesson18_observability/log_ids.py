"""Which trace a log line belongs to."""

from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger


def add_trace_ids(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Put the ids of the current span into the line, in hexadecimal as the header ``traceparent`` has them.

    The names are those that OpenTelemetry gives them outside its own protocol
    (https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context).
    """
    # starter: return line
    # --8<-- [start:logs]
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = trace.format_trace_id(context.trace_id)
        line["span_id"] = trace.format_span_id(context.span_id)
    return line
    # --8<-- [end:logs]
