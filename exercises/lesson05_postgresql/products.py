"""Products in PostgreSQL."""

from typing import Any, LiteralString

from psycopg.rows import class_row

from lesson01_rest_crud.models import Product, ProductDraft
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField


def storable(name: str) -> str:
    """The name itself; raises ``BadField`` for a character that Unicode has and PostgreSQL's text has not."""
    # TODO text: Text is data, whatever is in it
    return name


class Products:
    """Products in a table; a ``ProductRepository``, and how many there are of each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft under an id that the table's sequence gives."""
        # TODO products: Keep products in a table
        raise NotImplementedError("products")

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""
        # TODO products: Keep products in a table
        raise NotImplementedError("products")

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        """At most ``limit`` products by id, after the first ``offset``; and how many there are in all."""
        # TODO products: Keep products in a table
        raise NotImplementedError("products")

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # TODO products: Keep products in a table
        raise NotImplementedError("products")

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # TODO products: Keep products in a table
        raise NotImplementedError("products")

    async def stock(self, product_id: int) -> int | None:
        """How many there are of a product; None if there is no such product."""
        # TODO stock: Know how many there are
        raise NotImplementedError("stock")

    async def set_stock(self, product_id: int, quantity: int) -> bool:
        """Say how many there are of a product; False if there is no such product."""
        # TODO stock: Know how many there are
        raise NotImplementedError("stock")

    async def _one(self, query: LiteralString, values: dict[str, Any]) -> Product | None:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(Product)) as cursor,
        ):
            await cursor.execute(query, values)
            return await cursor.fetchone()
