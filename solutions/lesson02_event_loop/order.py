"""What the event loop does when."""

import asyncio


async def order_of_events() -> list[str]:
    """Three messages in the order in which the loop gets to them."""
    # --8<-- [start:order]
    events = ["Start"]
    asyncio.get_running_loop().call_soon(events.append, "Asynchronous task")
    events.append("End")
    await asyncio.sleep(0)
    return events
    # --8<-- [end:order]
