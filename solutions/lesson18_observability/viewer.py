"""A collector with a page that shows traces: enough to look at one's own, on this machine.

Jaeger and others take the same exports, and keep them: set OTEL_EXPORTER_OTLP_ENDPOINT to where they listen.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from html import escape

from google.protobuf.message import DecodeError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings
from lesson18_observability.spans import Span, Traces, received
from lesson18_observability.waterfall import milliseconds, waterfall

LARGEST_EXPORT = 4_000_000
LONGEST_WAIT_S = 10

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Traces</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 sans-serif }}
body {{ margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
.wide {{ overflow-x: auto }}
td, th {{ padding: .2rem 1rem .2rem 0; text-align: left }}
</style>
<h1>{title}</h1>
<div class="wide">{content}</div>"""

traces = Traces()
arrival = asyncio.Condition()


async def take(request: Request) -> Response:
    """Take an export: OTLP over HTTP, with a body of protobuf."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_EXPORT:
            raise HTTPException(413)
    try:
        spans = list(received(bytes(body)))
    except DecodeError as error:
        raise HTTPException(400, "this is no OTLP export in protobuf") from error
    async with arrival:
        for span in spans:
            traces.add(span)
        arrival.notify_all()
    return Response(media_type="application/x-protobuf")


async def found(request: Request) -> list[tuple[int, Span]]:
    """The spans of the trace that the path names; a 404 if there are none.

    With ``?spans=7``, once so many have come: each process exports its own, a little later. Nobody waits for ever.
    """
    trace_id, wanted = request.path_params["trace_id"], request.query_params.get("spans", "0")
    if not wanted.isdecimal():
        raise HTTPException(400, "spans is a number")
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT_S), arrival:
            await arrival.wait_for(lambda: len(traces.spans(trace_id)) >= int(wanted))
    spans = traces.spans(trace_id)
    if not spans:
        raise HTTPException(404, "no such trace, or it is forgotten")
    return spans


def line(trace_id: str) -> str:
    """A trace as a row of the table of all."""
    spans = [span for _, span in traces.spans(trace_id)]
    first = spans[0]
    took = max(span.end_ns for span in spans) - min(span.start_ns for span in spans)
    what = escape(f"{first.service}: {first.name}")
    services = len({span.service for span in spans})
    cells = (f'<a href="/traces/{trace_id}">{what}</a>', milliseconds(took), f"{len(spans)}", f"{services}")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


async def index(request: Request) -> Response:
    """The latest traces."""
    rows = "".join(line(trace_id) for trace_id in traces.latest())
    head = "<tr><th>begins with<th>takes<th>spans<th>services</tr>"
    empty = "<p>None yet. Send a request, wait a moment, and load this page again.</p>"
    return HTMLResponse(PAGE.format(title="Traces", content=f"<table>{head}{rows}</table>" if rows else empty))


async def show(request: Request) -> Response:
    """One trace, as a page."""
    title = f"Trace {request.path_params['trace_id']}"
    return HTMLResponse(PAGE.format(title=escape(title), content=waterfall(await found(request))))


async def draw(request: Request) -> Response:
    """One trace, as a picture."""
    return Response(waterfall(await found(request)), media_type="image/svg+xml")


async def outline(request: Request) -> Response:
    """One trace, as a few lines of text."""
    rows = [f"{'  ' * depth}{span.service} {span.kind}: {span.name}\n" for depth, span in await found(request)]
    return PlainTextResponse("".join(rows))


async def tell(request: Request) -> Response:
    """One trace, for programs."""
    return JSONResponse([{"depth": depth, **asdict(span)} for depth, span in await found(request)])


async def health(request: Request) -> Response:
    """Tell that spans can be taken."""
    return JSONResponse({"status": "ok"})


if __name__ == "__main__":
    settings = Settings.from_environment()
    routes = [
        Route("/", index),
        Route("/health", health),
        Route("/v1/traces", take, methods=["POST"]),
        Route("/traces/{trace_id}.svg", draw),
        Route("/traces/{trace_id}.txt", outline),
        Route("/traces/{trace_id}", show),
        Route("/api/traces/{trace_id}", tell),
    ]
    serve(Starlette(routes=routes), settings)
