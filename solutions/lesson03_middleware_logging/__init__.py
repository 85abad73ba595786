"""Every request leaves a trace: middleware, structured logging and errors in one format.

What it gives to later lessons, each from the module where it is:

- ``settings.LoggingSettings``: ``PORT``, ``SERVICE``, ``LOG_LEVEL``, ``LOG_DIR``, ``LOG_MAX_BYTES``; derive from it.
- ``logs.configure_logging(settings, *more)``: call it once in ``__main__``, before anything logs. From then on
  ``structlog.get_logger()`` and the standard library's loggers write one line of JSON each, without secrets, and
  with the ``request_id`` of the request in hand, and with what ``more`` processors add.
- ``app.add_middleware_and_logging(app)``: for any FastAPI app; call it after all other middleware is added.
- ``app.create_app(products)``: lesson01's API over any repository, with the above and ``GET /error``.
- ``serving.serve(app, settings)``: as lesson01's, but the server's own messages go to the same log.
- ``problems.problem(status, detail, errors=[...], headers={...})``: an RFC 9457 answer. A handler for an exception of
  your own is two lines: a function that returns ``problem(503, "...", headers={"Retry-After": "1"})``, and
  ``app.add_exception_handler(DatabaseGone, that_function)``. ``HTTPException`` becomes a problem by itself.
- ``problems.Problem`` and ``problems.FieldError``: what an error looks like, for the documentation.
- ``redaction.HIDDEN_NAMES``: the words that make a name secret.
"""
