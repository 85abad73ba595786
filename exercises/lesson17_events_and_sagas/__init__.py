"""Consistent in the end: events that no crash loses, effects that no repetition doubles, and a saga made of them.

What it gives to later lessons, each from the module where it is:

- ``settings.BusSettings``: lesson05's ``DATABASE_URL`` and ``BROKER_URL``, whose scheme chooses the bus (``amqp://`` or
  ``nats://``); derive from it. ``settings.WorkerSettings`` is the same for a process that serves no port.
- ``events.Event``: what has happened: ``id``, ``type``, ``source``, ``subject`` (its key), ``occurred_at``, ``data``,
  ``correlation_id``, and ``headers``, any texts that travel beside the body, such as W3C's ``traceparent``.
  ``new_event`` makes one; ``following(cause, ...)`` makes one with the correlation id and the headers of its cause.
- ``bus.EventBus``: open as long as it is used as a context. ``await bus.publish(events)`` returns once the broker has
  all of them, or raises ``bus.BusGone``. ``await bus.consume(subscription, handle)`` gives every event of the
  ``bus.Subscription`` (a durable name and the types of events) to ``handle``, until it is cancelled; it comes back by
  itself after an outage, and acknowledges what ``handle`` has returned from. Run it with lesson14's ``meanwhile``.
- ``backends.bus_for(url, subscriptions)``: the bus of that URL. Whoever publishes names all subscriptions, so that none
  of them misses what was published before it was first there.
- ``database.prepare(*folders)``: the ``prepare`` of a lesson05 ``Database`` that has ``outbox`` and ``inbox``, and then
  whatever the migrations in your folders make; begin their numbers after 1700.
- ``outbox.append(connection, *events)``: in the transaction in which they happen.
- ``relay.Relay(database, bus)``: ``await relay.run()`` publishes what is in the outbox, for ever.
- ``inbox.once(database, name, apply)``: a handler that calls ``await apply(connection, event)`` in a transaction, once
  for each event, however often it comes.
- ``serving.until_stopped(*works)``: run a worker until SIGTERM, ready once it has said so.
"""
