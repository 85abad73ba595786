"""When others fail: a gateway that waits, repeats, gives up and remembers, each within bounds.

What it gives to later lessons, each from the module where it is:

- ``deadlines.Deadline``, ``deadlines.deadline_of(headers, longest_s)``, ``async with deadlines.before(deadline)``.
- ``retries.attempts(call, most, base_s, budget)``: tenacity's attempts at a call; ``retries.retry_after``.
- ``budget.RetryBudget(percent, burst)``.
- ``breaker.Breaker(name, failures_to_open, open_s)``: ``with breaker.watching()`` around a call that raises one of
  ``errors.FAILURES``.
- ``bulkhead.Bulkhead(calls, queue)``: ``async with bulkhead.place()``.
- ``stale.LastGood(most, for_s)``.
- ``upstream.Upstream(name, url, client, settings)``: all of these around one service.
- ``settings.PatienceSettings``: all limits, for whatever services; derive from it.
- ``app.create_gateway(client, settings)`` and ``settings.ResilienceSettings``.
"""
