"""Products in Redis, each under a key of its own."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex

from lesson01_rest_crud.models import Product
from lesson08_redis_cache.entries import Entry, read
from lesson08_redis_cache.link import EPOCH, Away, Link
from lesson08_redis_cache.scripts import FILL, READ

JITTER = 0.1
MISSING_TTL_S = 5
LEASE_MS = 2000
PATIENCE_S = 1
PAUSE_S = 0.02
LONGEST_ENTRY = 4096


def entry_key(product_id: int) -> str:
    """Where a product is kept."""
    return f"product:{product_id}"


def lease_key(product_id: int) -> str:
    """Where it says who fetches a product."""
    return f"product:{product_id}:lease"


def lifetime_ms(ttl_s: float) -> int:
    """About ``ttl_s`` seconds: entries that were made together do not all end together."""
    # --8<-- [start:read-through]
    return round(1000 * ttl_s * random.uniform(1 - JITTER, 1 + JITTER))
    # --8<-- [end:read-through]


@dataclass(frozen=True)
class Hit:
    """What the cache knows: the product, or that there is none."""

    product: Product | None


@dataclass(frozen=True)
class Lease:
    """Leave to fetch a product, and to put it into the cache unless it is written meanwhile."""

    token: str
    epoch: str


class Cache:
    """Remembers products for about ``ttl_s`` seconds; never raises, whatever Redis does."""

    def __init__(self, link: Link, ttl_s: float) -> None:
        self._link = link
        self._ttl_s = ttl_s

    async def look(self, product_id: int) -> Hit | Lease | None:
        """What is known of a product, or a lease to find out; None when the database has to be asked without one.

        While somebody else has the lease, wait for what they find, but not for long.
        """
        token, unusable = token_hex(8), b""
        keys = [entry_key(product_id), lease_key(product_id), EPOCH]
        patience_ends = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                kind, content, epoch = await self._link.run(READ, keys, [token, LEASE_MS, LONGEST_ENTRY, unusable])
            except Away:
                return None
            match kind:
                case b"entry":
                    entry = read(content, product_id)
                    if entry and entry.is_of(epoch.decode()):
                        return Hit(entry.said())
                    unusable = content
                case b"lease":
                    return Lease(token, epoch.decode())
                case b"wait":
                    # --8<-- [start:stampede]
                    if asyncio.get_running_loop().time() > patience_ends:
                        return None
                    await asyncio.sleep(PAUSE_S)
                    # --8<-- [end:stampede]

    async def keep(self, product_id: int, product: Product | None, lease: Lease) -> None:
        """Remember what was found with a lease; without effect when the product was written since."""
        ttl_s = self._ttl_s
        if product is None:
            # starter: return
            # --8<-- [start:missing]
            ttl_s = MISSING_TTL_S
            # --8<-- [end:missing]
        content = Entry.of(product_id, lease.epoch, product).model_dump_json()
        # --8<-- [start:read-through]
        with suppress(Away):
            keys = [entry_key(product_id), lease_key(product_id)]
            await self._link.run(FILL, keys, [lease.token, content, lifetime_ms(ttl_s)])
        # --8<-- [end:read-through]

    async def forget(self, product_id: int) -> None:
        """Forget a product, and make void what somebody is fetching right now."""
        # --8<-- [start:invalidate]
        await self._link.delete(entry_key(product_id), lease_key(product_id))
        # --8<-- [end:invalidate]
