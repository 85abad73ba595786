"""The final project: users, orders and shipping behind one gateway, made of what the lessons before have built.

No lesson comes after this one. Each process is a package of its own: ``gateway``, ``users``, ``orders``, ``shipping``.
``demo`` plays a story with them, and ``static`` is the page.
"""
