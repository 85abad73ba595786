"""Split it: the shop's users and products as two services, behind one gateway.

What it gives to later lessons, each from the module where it is:

- ``settings.GatewaySettings``: ``USERS_URL``, ``PRODUCTS_URL`` and ``UPSTREAM_TIMEOUT_S`` beside lesson07's; and
  ``settings.base_url``, the check of such a URL.
- ``client.new_client(timeout_s)``: an ``httpx.AsyncClient`` that adds nothing to what it sends.
- ``proxy.Proxy(client, choose)``: an ASGI app that forwards a request to the URL that ``await choose(request)`` gives.
  Its parts serve alone: ``proxy.outgoing(request, base, body)`` makes the request, and ``async with
  proxy.answered(client, request) as response`` sends it; it raises one of the two errors below.
- ``bodies.RequestBody(receive)``, ``bodies.pass_on(response, send)``, ``bodies.while_client_waits(work, body)``.
- ``headers.request_headers(request)`` and ``headers.response_headers(raw)``: what goes through.
- ``errors.UpstreamUnreachable`` (502) and ``errors.UpstreamSilent`` (504); ``errors.add_error_answers(app)``.
- ``paths.service_of(request)``: the name of the service, ``"users"`` or ``"products"``; and ``paths.SERVICES``.
- ``identity.Identify(app, tokens)``: checks the token once; ``request.state.claims`` is lesson07's ``Claims`` or None.
- ``app.create_gateway(client, locate, tokens)``: all of it as one app. ``await locate(service)`` gives the URL of one
  instance of the service of that name, anew for each request; ``app.fixed(urls)`` is the simplest.
"""
