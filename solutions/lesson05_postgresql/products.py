"""Products in PostgreSQL."""

from typing import Any, LiteralString

from psycopg.rows import class_row

from lesson01_rest_crud.models import Product, ProductDraft
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField


def storable(name: str) -> str:
    """The name itself; raises ``BadField`` for a character that Unicode has and PostgreSQL's text has not."""
    # starter: return name
    # --8<-- [start:text]
    if "\0" in name:
        raise BadField("name", "a name has no NUL characters")
    return name
    # --8<-- [end:text]


class Products:
    """Products in a table; a ``ProductRepository``, and how many there are of each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: ProductDraft) -> Product:
        """Store a draft under an id that the table's sequence gives."""
        # --8<-- [start:products]
        product = await self._one(
            "INSERT INTO products (name, price) VALUES (%(name)s, %(price)s) RETURNING id, name, price",
            {"name": storable(draft.name), "price": draft.price},
        )
        assert product is not None
        return product
        # --8<-- [end:products]

    async def get(self, product_id: int) -> Product | None:
        """The product, or None if there is none of that id."""
        # --8<-- [start:products]
        return await self._one("SELECT id, name, price FROM products WHERE id = %(id)s", {"id": product_id})
        # --8<-- [end:products]

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        """At most ``limit`` products by id, after the first ``offset``; and how many there are in all."""
        # --8<-- [start:products]
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(Product)) as cursor,
        ):
            await cursor.execute("SELECT id, name, price FROM products ORDER BY id LIMIT %s OFFSET %s", [limit, offset])
            page = await cursor.fetchall()
            counted = await (await connection.execute("SELECT count(*) FROM products")).fetchone()
            assert counted is not None
            return page, counted[0]
        # --8<-- [end:products]

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        """Set the named fields of a product; None if there is none of that id."""
        # --8<-- [start:products]
        name, price = changes.get("name"), changes.get("price")
        return await self._one(
            """
            UPDATE products SET name = coalesce(%(name)s, name), price = coalesce(%(price)s, price)
            WHERE id = %(id)s
            RETURNING id, name, price
            """,
            {"id": product_id, "name": name and storable(name), "price": price},
        )
        # --8<-- [end:products]

    async def remove(self, product_id: int) -> bool:
        """Forget a product; False if there is none of that id."""
        # --8<-- [start:products]
        async with self._database.connection() as connection:
            cursor = await connection.execute("DELETE FROM products WHERE id = %s", [product_id])
            return cursor.rowcount == 1
        # --8<-- [end:products]

    async def stock(self, product_id: int) -> int | None:
        """How many there are of a product; None if there is no such product."""
        # --8<-- [start:stock]
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT stock FROM products WHERE id = %s", [product_id])
            row = await cursor.fetchone()
            return row[0] if row else None
        # --8<-- [end:stock]

    async def set_stock(self, product_id: int, quantity: int) -> bool:
        """Say how many there are of a product; False if there is no such product."""
        # --8<-- [start:stock]
        async with self._database.connection() as connection:
            cursor = await connection.execute("UPDATE products SET stock = %s WHERE id = %s", [quantity, product_id])
            return cursor.rowcount == 1
        # --8<-- [end:stock]

    async def _one(self, query: LiteralString, values: dict[str, Any]) -> Product | None:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(Product)) as cursor,
        ):
            await cursor.execute(query, values)
            return await cursor.fetchone()
