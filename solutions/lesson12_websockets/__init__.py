"""A chat: the server speaks first, several processes act as one, and whoever comes back has missed nothing.

What it gives to later lessons, each from the module where it is:

- ``redis_client.connect(url)``: a client of Redis that raises within seconds when Redis says nothing.
- ``static/vendor``: Socket.IO's client for browsers, a file to be served.
"""
