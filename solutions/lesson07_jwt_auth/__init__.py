"""Who are you, and what may you do: access tokens, refresh tokens, sessions and roles over the shop.

What it gives to later lessons, each from the module where it is:

- ``settings.TokenSettings``: ``JWT_SECRET``, ``JWT_ISSUER`` and ``JWT_AUDIENCE`` beside lesson03's; derive from it.
- ``tokens.AccessTokens(secret, issuer, audience)``: ``issue(user_id, role)`` makes an access token and
  ``verify(token)`` reads one: it returns ``tokens.Claims`` or raises ``tokens.InvalidToken``. It needs no database and
  no event loop. It cannot know of a logout: an access token is good for up to an hour.
- ``sessions.SessionStore``: where sessions are kept, as a protocol; ``sessions.Session`` is what is kept. To keep them
  elsewhere, give ``auth.Auth.over(database, sessions, settings)`` another store than ``mongo_sessions.MongoSessions``.
- ``auth_settings.AuthSettings``: all that the whole shop has to be told; derive from it.
- ``app.create_app(database, auth, settings)``: all of it as one app; ``auth.prepare`` makes the indexes in MongoDB.
"""
