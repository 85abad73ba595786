"""Products in PostgreSQL, with a cache in front."""

from typing import Any

from lesson01_rest_crud.models import Product, ProductDraft
from lesson05_postgresql.database import Database
from lesson05_postgresql.products import Products
from lesson08_redis_cache.cache import Cache, Hit
from lesson08_redis_cache.cache_status import came_by


class CachedProducts(Products):
    """Reads one product by way of the cache. The database alone knows the truth, and gets every write."""

    def __init__(self, database: Database, cache: Cache) -> None:
        super().__init__(database)
        self._cache = cache

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""
        # --8<-- [start:read-through]
        found = await self._cache.look(product_id)
        if isinstance(found, Hit):
            came_by("HIT")
            return found.product
        product = await super().get(product_id)
        if found is None:
            came_by("BYPASS")
            return product
        came_by("MISS")
        await self._cache.keep(product_id, product, found)
        return product
        # --8<-- [end:read-through]

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft; somebody may have asked for its id before, and been told that there is none."""
        product = await super().add(draft)
        # starter:
        # --8<-- [start:missing]
        await self._cache.forget(product.id)
        # --8<-- [end:missing]
        return product

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # starter: return await super().change(product_id, changes)
        # --8<-- [start:invalidate]
        try:
            return await super().change(product_id, changes)
        finally:
            # Also when it fails: a connection that breaks does not tell whether the change was made.
            await self._cache.forget(product_id)
        # --8<-- [end:invalidate]

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # starter: return await super().remove(product_id)
        # --8<-- [start:invalidate]
        try:
            return await super().remove(product_id)
        finally:
            await self._cache.forget(product_id)
        # --8<-- [end:invalidate]
