"""Data that stays: lesson01's products in PostgreSQL, with stock, and orders that take it in one transaction.

What it gives to later lessons, each from the module where it is:

- ``settings.DatabaseSettings``: ``DATABASE_URL`` beside lesson03's settings; derive from it.
- ``database.Database(url, prepare)``: an asynchronous pool. ``async with database.connection() as connection`` is a
  connection in autocommit mode, bounded in time; raises ``DatabaseGone``. Use it as a context while the app lives.
- ``migrations.migrate(connection, folder)``: applies numbered SQL files once; give it a folder of your own.
- ``descriptions.GONE``: what the OpenAPI document says of a database that is gone; any database.
- ``errors.add_error_answers(app)``: 503 with ``Retry-After`` for ``DatabaseGone``, and the other refusals.
- ``products.Products``: a ``ProductRepository`` over a ``Database``; ``orders.Orders`` likewise for orders, and
  ``orders.buy(connection, draft)`` for one in a transaction of your own.
- ``app.add_stock_and_orders(app, database)``: for an app of your own over ``Products`` or a class derived from it.
- ``app.create_app(database)``: all of it as one app.
"""
