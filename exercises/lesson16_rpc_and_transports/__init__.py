"""One service calls another: over gRPC, HTTP or NATS, with the same promises.

Later lessons may build on ``lifecycle`` (servers and hooks in a known order), ``http_server.HttpServer``,
``operations.router`` (``/health`` and ``/metrics``) and ``over_nats.connect``.
"""
