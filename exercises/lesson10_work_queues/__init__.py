"""Work queues: tasks that are taken now and done later, but surely.

Later lessons may build on ``connection``, ``link``, ``messages`` and ``settings``.
"""
