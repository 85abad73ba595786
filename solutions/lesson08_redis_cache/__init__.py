"""Remember the answer: lesson05's products behind a cache in Redis, a limit for each client, and lesson07's sessions.

What it gives to later lessons, each from the module where it is:

- ``redis_url.RedisUrl``: the type of ``REDIS_URL``; what is wrong with one is told without its password.
- ``settings.CacheSettings``: ``REDIS_URL``, ``REDIS_TIMEOUT_MS`` and the limits beside lesson05's; derive from it.
  ``settings.ShopSettings`` has lesson07's ``AuthSettings`` too.
- ``link.Link(url, timeout_s, scripts)``: a Redis that may go away. ``await link.run(script, keys, values)`` is bounded
  in time and raises ``Away``, as does ``await link.ask(command)``. Use it as a context while the app lives.
- ``scripts.script(folder, name)``: a Lua script from a file beside your own code.
- ``rate_limit.Limiter(link, limit, window_s)`` and ``rate_limit.RateLimit``, the middleware that asks it.
- ``redis_sessions.RedisSessions(link)``: a lesson07 ``SessionStore``.
- ``app.create_app(database, link, auth, settings)``: all of it as one app.
"""
