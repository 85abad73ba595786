"""The suites' collector, against OpenTelemetry's own exporter."""

import gzip
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from taller.grading.otlp import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_a_span_is_told_as_it_was_exported(collector: Collector, compression: Compression) -> None:
    provider = TracerProvider(resource=Resource({"service.name": "orders"}))
    exporter = OTLPSpanExporter(f"{collector.url}/v1/traces", compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")

    with tracer.start_as_current_span(
        "outer", kind=SpanKind.SERVER, attributes={"status": 503, "route": "/a"}
    ) as outer:
        outer.set_status(Status(StatusCode.ERROR))
        with tracer.start_as_current_span("inner"):
            pass
    provider.shutdown()

    trace_id = f"{outer.get_span_context().trace_id:032x}"
    first, second = collector.spans(trace_id)
    assert (first.service, first.kind, first.name, first.parent_id) == ("orders", "SERVER", "outer", "")
    assert first.attributes == {"status": 503, "route": "/a"}
    assert (first.is_error, second.is_error) == (True, False)
    assert second.parent_id == first.span_id
    assert first.began <= second.began <= second.ended <= first.ended
    assert collector.spans("0" * 32) == []


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/v1/span", b"", {}),
        ("//v1/traces", b"", {}),
        ("/v1/traces", b"{}", {}),
        ("/v1/traces", b"no gzip", {"Content-Encoding": "gzip"}),
        ("/v1/traces", gzip.compress(b"{}"), {"Content-Encoding": "gzip"}),
    ],
)
def test_what_is_no_export_is_refused_and_told(
    collector: Collector, path: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = httpx.post(f"{collector.url}{path}", content=body, headers=headers)

    assert answer.status_code in (400, 404)
    assert [path in other for other in collector.others] == [True]
    assert collector.spans() == []


def test_it_can_be_silent_for_a_while(collector: Collector) -> None:
    with collector.silence(), pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{collector.url}/v1/traces", timeout=0.2)

    assert httpx.post(f"{collector.url}/v1/traces", timeout=5).status_code == 200
