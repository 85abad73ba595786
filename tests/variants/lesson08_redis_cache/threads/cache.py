"""Products in Redis, each with a generation that every write raises; what was read in an older one is not kept."""

import asyncio
import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from secrets import token_hex

from redis import Redis
from redis.exceptions import WatchError

from lesson01_rest_crud.models import Product
from lesson08_redis_cache.link import EPOCH, Away, Link

LONGEST = 5000


@dataclass(frozen=True)
class Hit:
    """What the cache knows."""

    product: Product | None


@dataclass(frozen=True)
class Lease:
    """Leave to fetch, in an epoch and a generation."""

    token: str
    epoch: str
    generation: bytes | None


class Cache:
    """Remembers products."""

    def __init__(self, link: Link, ttl_s: float) -> None:
        self._link = link
        self._ttl_s = ttl_s

    async def look(self, product_id: int) -> Hit | Lease | None:
        """What is known of a product, a lease, or None when the database is to be asked without one."""
        token, end = token_hex(8), time.monotonic() + 2
        with suppress(Away):
            while time.monotonic() < end:
                found = await self._link.call(lambda redis: self._look(redis, product_id, token))
                if found:
                    return found
                await asyncio.sleep(random.uniform(0.01, 0.04))
        return None

    async def keep(self, product_id: int, product: Product | None, lease: Lease) -> None:
        """Remember a product, unless its generation has passed."""
        what = product and [product.name, str(product.price)]
        content = json.dumps({"of": product_id, "epoch": lease.epoch, "what": what})
        ttl_ms = int((5 if product is None else self._ttl_s) * random.uniform(900, 1100))
        with suppress(Away):
            await self._link.call(lambda redis: self._keep(redis, product_id, content, ttl_ms, lease))

    async def forget(self, product_id: int) -> None:
        """Begin a new generation of a product."""

        def forget(redis: Redis) -> None:
            with redis.pipeline() as pipe:
                pipe.incr(f"generation:{product_id}").expire(f"generation:{product_id}", 3600)
                pipe.delete(f"product:{product_id}", f"lock:{product_id}").execute()

        with suppress(Away):
            await self._link.call(forget, always=True)

    def _look(self, redis: Redis, product_id: int, token: str) -> Hit | Lease | None:
        found = self._read(redis, product_id, token)
        if isinstance(found, Hit) or not redis.set(f"lock:{product_id}", token, nx=True, px=3000):
            return found if isinstance(found, Hit) else None
        # Somebody may have filled it and let go of the lock between the two.
        again = self._read(redis, product_id, token)
        if isinstance(again, Hit):
            redis.delete(f"lock:{product_id}")
        return again

    def _read(self, redis: Redis, product_id: int, token: str) -> Hit | Lease:
        with redis.pipeline() as pipe:
            pipe.script_exists(self._link.one_sha).get(EPOCH).get(f"generation:{product_id}")
            pipe.getrange(f"product:{product_id}", 0, LONGEST)
            known, epoch, generation, content = pipe.execute(raise_on_error=False)
        self._link.has_scripts(known)
        epoch = (epoch or b"").decode()
        hit = decoded(content, product_id, epoch) if isinstance(content, bytes) else None
        return hit or Lease(token, epoch, generation)

    def _keep(self, redis: Redis, product_id: int, content: str, ttl_ms: int, lease: Lease) -> None:
        with redis.pipeline() as pipe, suppress(WatchError):
            pipe.watch(f"generation:{product_id}")
            if pipe.get(f"generation:{product_id}") == lease.generation:
                pipe.multi()
                pipe.set(f"product:{product_id}", content, px=ttl_ms).delete(f"lock:{product_id}").execute()


def decoded(content: bytes, product_id: int, epoch: str) -> Hit | None:
    """What an entry says, if it is one of this product and epoch."""
    try:
        entry = json.loads(content)
        if entry["of"] != product_id or entry["epoch"] != epoch:
            return None
        if entry["what"] is None:
            return Hit(None)
        name, price = entry["what"]
        return Hit(Product(id=product_id, name=name, price=Decimal(price)))
    except (ValueError, TypeError, KeyError, InvalidOperation, RecursionError):
        return None
