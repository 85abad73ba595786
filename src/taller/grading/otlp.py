"""A collector that a suite plays itself: it takes the spans that a submission exports (OTLP over HTTP, in protobuf)."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

PATH = "/v1/traces"
LONGEST_SILENCE_S = 30


@dataclass(frozen=True)
class Span:
    """A span as it was exported: ids in hexadecimal, times in nanoseconds, ``kind`` such as ``SERVER``."""

    service: str
    kind: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    trace_state: str
    attributes: dict[str, Any]
    is_error: bool
    began: int
    ended: int

    def __str__(self) -> str:
        parent = self.parent_id or "none"
        return f"{self.service} {self.kind} {self.name!r} (trace {self.trace_id}, span {self.span_id}, parent {parent})"


class Collector:
    """Takes exports on a free port, and keeps all spans; ``others`` tells of requests that were no such export."""

    def __init__(self) -> None:
        self.others: list[str] = []
        self._spans: list[Span] = []
        self._open = Event()
        self._open.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def spans(self, trace_id: str | None = None) -> list[Span]:
        """All spans so far, or those of one trace, in the order of their beginnings."""
        found = [span for span in list(self._spans) if trace_id in (None, span.trace_id)]
        return sorted(found, key=lambda span: span.began)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Take connections meanwhile, and say nothing."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def _take(self, path: str, encoding: str, body: bytes) -> int:
        """The status that an export is answered with."""
        try:
            content = gzip.decompress(body) if encoding == "gzip" else body
            spans = list(_spans(ExportTraceServiceRequest.FromString(content)))
        except (DecodeError, OSError, EOFError):
            self.others.append(f"a POST {path} whose body is no ExportTraceServiceRequest in protobuf")
            return 400
        if path != PATH:
            self.others.append(f"a POST {path}")
            return 404
        self._spans += spans
        return 200

    def _handler(collector) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                collector._open.wait(LONGEST_SILENCE_S)
                # http.server makes one slash of several at the beginning of a path; collectors do not.
                path = self.requestline.split()[1]
                self.send_response(collector._take(path, self.headers.get("Content-Encoding", ""), body))
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing: standard error is the feedback's."""

        return Handler


def _spans(export: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in export.resource_spans:
        service = _values(resource.resource.attributes).get("service.name", "")
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    service=str(service),
                    kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    trace_state=span.trace_state,
                    attributes=_values(span.attributes),
                    is_error=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                )


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: _value(each) for each in attributes}


def _value(attribute: KeyValue) -> Any:
    value: AnyValue = attribute.value
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
