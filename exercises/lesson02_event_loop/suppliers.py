"""All suppliers, asked at once."""

import asyncio
from decimal import Decimal

import httpx

from lesson02_event_loop.models import Missing, Quote, Quotes
from lesson02_event_loop.offers import BadOffer, price_in

MOST_CONNECTIONS = 500
MOST_IDLE_CONNECTIONS = 100


class Suppliers:
    """The suppliers at ``urls``; each may take ``timeout_s`` seconds for its answer, down to the last byte."""

    def __init__(self, urls: tuple[str, ...], timeout_s: float) -> None:
        self.urls = urls
        self.timeout_s = timeout_s
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_IDLE_CONNECTIONS)
        self._client = httpx.AsyncClient(
            limits=limits,
            # httpx's own timeouts begin anew with each byte; ours are about the whole answer.
            timeout=None,
            follow_redirects=False,
            # A price does not get smaller by compressing it, and what unpacks to gigabytes is not unpacked here.
            headers={"Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> "Suppliers":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def quotes(self, product_id: int) -> Quotes:
        """Ask all of them at once for their price of a product; takes as long as the slowest, at most the timeout."""
        # TODO quotes: Ask all suppliers at once
        raise NotImplementedError("quotes")

    async def _ask(self, url: str, product_id: int) -> Quote | Missing:
        """One supplier's quote, or why there is none; raises nothing, because that would cancel the others."""
        # TODO missing: Let nobody hold up the others
        return Quote(supplier=url, price=await self._price(url, product_id))

    async def _price(self, url: str, product_id: int) -> Decimal:
        """Ask one supplier; raises ``httpx.HTTPError`` or ``BadOffer``."""
        # TODO quotes: Ask all suppliers at once
        raise NotImplementedError("quotes")
