"""Ask for exactly what you need: the shop's blog in GraphQL, over HTTP and WebSocket, on PostgreSQL.

What it gives to later lessons, each from the module where it is:

- ``settings.QuerySettings``: the limits of a query and ``INTROSPECTION`` beside lesson03's settings; derive from it.
- ``operations.Operations(schema, settings, new_context)``: ``admit`` parses, measures and validates a request or raises
  ``errors.Refused``; ``execute`` and ``subscribe`` do it. Any schema will do.
- ``routes.router``: GraphQL over HTTP and WebSocket at ``/graphql``; it finds both in ``app.state``.
- ``sockets.Sockets(operations, settings)``: the protocol graphql-transport-ws.
- ``errors.Coded``: raise it, or an error derived from it, and the client is told its message and its code.
- ``errors.formatted``, ``negotiation.chosen``, ``cursors.Page`` and ``Slice``, ``dates.date_time``: on their own too.
- ``graphiql.router`` and ``graphiql.files``: the page, without any other machine.
"""
