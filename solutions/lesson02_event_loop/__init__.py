"""One thread, many requests: waiting for many suppliers at once, and hard work off the event loop.

Later lessons may build on ``disconnect``, ``offers``, ``sealing``, ``settings`` and ``suppliers``.
"""
