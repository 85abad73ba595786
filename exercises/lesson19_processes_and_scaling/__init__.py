"""Keep it running: named processes that are restarted, balanced, drained and renewed while requests come in.

What it gives to later lessons, each from the module where it is:

- ``draining.DrainingServer`` and ``serving.serve_at(door, app)``: serve behind nginx on a Unix domain socket, and
  leave without losing a connection.
- ``tied.py PID COMMAND…``: a command that ends with the process that has started it.
- ``opened.py SOCKET… -- COMMAND…``: a command that starts when those it needs listen.
"""
