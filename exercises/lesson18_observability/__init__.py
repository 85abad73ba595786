"""See it run: traces, metrics and logs of several processes that answer one request together.

What it gives to later lessons, each from the module where it is:

- ``settings.TelemetrySettings``: ``OTEL_EXPORTER_OTLP_ENDPOINT`` and ``OTEL_TRACES_SAMPLER_ARG`` beside lesson03's;
  derive from it.
- ``telemetry.start_telemetry(settings)``: call it once in ``__main__``, in the place of ``configure_logging``. It sets
  up logging with trace ids, and the export of spans. Without an endpoint nothing is exported. A collector that is gone
  or slow costs spans, never a request. What is not exported yet is when the process ends.
- ``observed.make_observable(app, checks)``: for any FastAPI app, also one of an earlier lesson, when everything else is
  added to it: a SERVER span for each request, named after its route; ``/metrics``; ``/health/live`` and
  ``/health/ready``. ``checks`` maps a name to an async function without arguments that raises when what it looks at
  cannot be used. The parts alone: ``tracing.trace_requests(app)``, ``metrics.measure_requests(app)``, and
  ``probes.probes(checks)``, which is an ``APIRouter``.
- ``tracing.trace_calls(client)``: each request of an ``httpx.AsyncClient`` is a CLIENT span and has ``traceparent``.
- ``messaging.sending(queue, message_id)``: a context in which a PRODUCER span is the current one; it gives the headers
  that the message must have. ``messaging.processing(queue, message_id, headers)``: a context in which a CONSUMER span
  is the current one, with the sender's as its parent. Both know no broker and no client of one.
- ``log_ids.add_trace_ids``: the structlog processor that puts ``trace_id`` and ``span_id`` into a line.
- Any other span: ``opentelemetry.trace.get_tracer(__name__).start_as_current_span("name")``.
"""
