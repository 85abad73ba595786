"""Count the calls and time them, for Prometheus (https://prometheus.io/docs/practices/naming)."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from lesson16_rpc_and_transports.calls import Call, Handler, Wrapper
from lesson16_rpc_and_transports.codes import Code
from lesson16_rpc_and_transports.contract import NAMES
from lesson16_rpc_and_transports.wrappers import end_of


def label_of(method: str) -> str:
    """The method as a label: each value is a time series that is kept for ever, so callers must not make them up."""
    # starter: return method
    # --8<-- [start:wrappers]
    return method if method in NAMES else "unknown"
    # --8<-- [end:wrappers]


def count_calls(side: str, transport: str, registry: CollectorRegistry) -> Wrapper:
    """Count every call by its method and end, note how long it took, and how many are in progress.

    ``side`` is server or client.
    """
    handled = Counter(
        f"rpc_{side}_handled", "Calls that have ended", ["transport", "method", "code"], registry=registry
    )
    labels = ["transport", "method"]
    took = Histogram(f"rpc_{side}_handling_seconds", "How long they took", labels, registry=registry)
    running = Gauge(f"rpc_{side}_in_progress", "Calls that have not ended yet", labels, registry=registry)

    def wrap(handler: Handler) -> Handler:
        async def counted(call: Call) -> bytes:
            # starter: return await handler(call)
            # --8<-- [start:wrappers]
            method, end = label_of(call.method), Code.OK
            try:
                with took.labels(transport, method).time(), running.labels(transport, method).track_inprogress():
                    return await handler(call)
            except BaseException as error:
                end = end_of(error)
                raise
            finally:
                handled.labels(transport, method, end.name).inc()
            # --8<-- [end:wrappers]

        return counted

    return wrap
