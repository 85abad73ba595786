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
        # TODO create: Create a product
        raise NotImplementedError("create")

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""
        # TODO read: Read one product
        raise NotImplementedError("read")

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        """At most ``limit`` products by id, after the first ``offset``; and how many there are in all."""
        # TODO list: List products, a page at a time
        raise NotImplementedError("list")

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # TODO replace: Replace a product
        raise NotImplementedError("replace")

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # TODO delete: Delete a product
        raise NotImplementedError("delete")
