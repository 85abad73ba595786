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
        # TODO read-through: Look in the cache first
        raise NotImplementedError("read-through")

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft; somebody may have asked for its id before, and been told that there is none."""
        product = await super().add(draft)
        # TODO missing: Remember what is not there
        return product

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # TODO invalidate: Forget what has changed
        return await super().change(product_id, changes)

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # TODO invalidate: Forget what has changed
        return await super().remove(product_id)
