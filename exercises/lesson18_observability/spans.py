"""Spans as they come in by OTLP (https://opentelemetry.io/docs/specs/otlp), and the traces that they add up to."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire
from opentelemetry.proto.trace.v1.trace_pb2 import Status

MOST_TRACES = 200


@dataclass(frozen=True)
class Span:
    """A piece of work of one service; times are in nanoseconds since 1970, ids in hexadecimal."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    kind: str
    name: str
    start_ns: int
    end_ns: int
    failed: bool


def received(body: bytes) -> Iterator[Span]:
    """The spans in the body of an export; raises protobuf's ``DecodeError`` where it is none."""
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        names = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    service=names.get("service.name", "unknown"),
                    kind=Wire.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                    name=span.name,
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    failed=span.status.code == Status.STATUS_CODE_ERROR,
                )


class Traces:
    """The latest traces; older ones are forgotten."""

    def __init__(self) -> None:
        self._spans: OrderedDict[str, list[Span]] = OrderedDict()

    def add(self, span: Span) -> None:
        """Keep a span with the others of its trace."""
        self._spans.setdefault(span.trace_id, []).append(span)
        if len(self._spans) > MOST_TRACES:
            self._spans.popitem(last=False)

    def latest(self) -> list[str]:
        """The ids of all traces that are kept, the newest first."""
        return list(reversed(self._spans))

    def spans(self, trace_id: str) -> list[tuple[int, Span]]:
        """A trace's spans, each after its parent and with its depth below the first; empty if there are none."""
        return list(_below(self._spans.get(trace_id, [])))


def _below(spans: list[Span]) -> Iterator[tuple[int, Span]]:
    known = {span.span_id for span in spans}
    waiting = [(0, span) for span in _newest_first(spans) if span.parent_id not in known]
    while waiting:
        depth, span = waiting.pop()
        yield depth, span
        waiting += [(depth + 1, child) for child in _newest_first(spans) if child.parent_id == span.span_id]


def _newest_first(spans: list[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: span.start_ns, reverse=True)
