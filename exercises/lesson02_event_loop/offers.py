"""What a supplier says, believed only as far as it makes sense."""

from decimal import Decimal

import httpx
from pydantic import ValidationError

from lesson02_event_loop.models import Offer

LARGEST_OFFER = 100_000


class BadOffer(Exception):
    """A supplier's answer that is no offer; the message says why."""


async def price_in(response: httpx.Response) -> Decimal:
    """The price in a supplier's answer, of which nothing but the head was read yet; raises ``BadOffer``."""
    # TODO nonsense: Believe no supplier
    response.raise_for_status()
    await response.aread()
    return Decimal(str(response.json()["price"]))
