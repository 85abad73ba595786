"""Where products are kept."""

from itertools import islice
from typing import Any, Protocol

from lesson01_rest_crud.models import Product, ProductDraft


class ProductRepository(Protocol):
    """All that the API asks of a storage; lesson05 answers it with PostgreSQL.

    The methods are asynchronous although a dictionary needs no waiting: a database does.
    """

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft under a new id."""

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        """At most ``limit`` products by id, after the first ``offset``; and how many there are in all."""

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""


class MemoryProducts:
    """Products in a dictionary: fast, simple, and gone with the process."""

    def __init__(self) -> None:
        self._products: dict[int, Product] = {}
        self._last_id = 0

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft under an id that was never given out before, not even to a product since deleted."""
        # --8<-- [start:create]
        self._last_id += 1
        product = Product(id=self._last_id, name=draft.name, price=draft.price)
        self._products[product.id] = product
        return product
        # --8<-- [end:create]

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""
        # --8<-- [start:read]
        return self._products.get(product_id)
        # --8<-- [end:read]

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        """At most ``limit`` products by id, after the first ``offset``; and how many there are in all."""
        # --8<-- [start:list]
        return list(islice(self._products.values(), offset, offset + limit)), len(self._products)
        # --8<-- [end:list]

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # --8<-- [start:replace]
        if product_id not in self._products:
            return None
        product = self._products[product_id].model_copy(update=changes)
        self._products[product_id] = product
        return product
        # --8<-- [end:replace]

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # --8<-- [start:delete]
        return self._products.pop(product_id, None) is not None
        # --8<-- [end:delete]
