"""A chat: the server speaks first, several processes act as one, and whoever comes back has missed nothing.

What it gives to later lessons, each from the module where it is:

- ``settings.redis_url``: a validator for ``REDIS_URL`` that tells no password.
- ``feed.Feed``: tails streams of Redis and hands every entry on, also after Redis was away.
"""
