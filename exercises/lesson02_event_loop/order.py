"""What the event loop does when."""

import asyncio


async def order_of_events() -> list[str]:
    """Three messages in the order in which the loop gets to them."""
    # TODO order: The order of events
    raise NotImplementedError("order")
