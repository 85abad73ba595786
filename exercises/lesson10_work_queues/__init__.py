"""Work queues: tasks that are taken now and done later, but surely.

Later lessons may build on ``connection``, ``link``, ``messages`` and ``settings``. ``link.Publisher`` publishes to
queues of your own, and ``connection.keep_connected`` keeps a consumer of them connected.
"""
