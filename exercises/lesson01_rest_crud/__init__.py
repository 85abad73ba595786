"""A REST API from nothing: products that can be listed, created, read, replaced, patched and deleted.

Later lessons build on its modules, and import each from where it is: a worker that reads its settings needs no web
framework. They may use ``app``, ``bodies``, ``descriptions``, ``errors``, ``methods``, ``models``, ``repository``,
``routes``, ``serving`` and ``settings``.
"""
