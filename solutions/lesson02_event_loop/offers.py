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
    # starter: response.raise_for_status()
    # starter: await response.aread()
    # starter: return Decimal(str(response.json()["price"]))
    # --8<-- [start:nonsense]
    if response.status_code != httpx.codes.OK:
        raise BadOffer(f"answered with the status {response.status_code}")
    body = bytearray()
    # Raw: nobody was asked to compress, and a few bytes of what comes compressed can be a gigabyte.
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_OFFER:
            raise BadOffer(f"answered with more than {LARGEST_OFFER:,} bytes")
    try:
        return Offer.model_validate_json(body).price
    except ValidationError as error:
        raise BadOffer(f"answered with nonsense: {error.errors()[0]['msg']}") from error
    # --8<-- [end:nonsense]
