"""One trace through all processes: what lesson18 has built, for this project's."""

from collections.abc import Mapping

import httpx
from fastapi import FastAPI
from opentelemetry import trace
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lesson18_observability.observed import make_observable
from lesson18_observability.probes import Check, failing
from lesson18_observability.tracing import trace_calls

TRACE_ID = "X-Trace-Id"


def observe(app: FastAPI, checks: Mapping[str, Check], client: httpx.AsyncClient | None = None) -> None:
    """Have an app, and the calls of its client, seen; call it when everything else is added."""

    # starter: return
    # --8<-- [start:observability]
    @app.get("/health/checks")
    async def tell() -> dict[str, str]:
        """What of the things that this process needs can be used now."""
        failed = await failing(checks)
        return {name: "down" if name in failed else "ok" for name in checks}

    make_observable(app, checks)
    if client:
        trace_calls(client)
    # --8<-- [end:observability]


class TellTrace:
    """Tells whoever has asked under which id the request can be seen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""

        # starter: await self.app(scope, receive, send)
        # --8<-- [start:observability]
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                context = trace.get_current_span().get_span_context()
                if context.is_valid:
                    MutableHeaders(scope=message)[TRACE_ID] = trace.format_trace_id(context.trace_id)
            await send(message)

        await self.app(scope, receive, told)
        # --8<-- [end:observability]
