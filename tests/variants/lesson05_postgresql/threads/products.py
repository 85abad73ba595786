"""Products in PostgreSQL, by blocking calls."""

from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from lesson01_rest_crud.models import Product, ProductDraft
from lesson05_postgresql.database import Database
from lesson05_postgresql.errors import BadField

COLUMNS = "id, name, price"


def check(changes: dict[str, Any]) -> None:
    """Refuse text that PostgreSQL cannot keep."""
    if "\0" in changes.get("name", ""):
        raise BadField("name", "a name has no NUL characters")


class Products:
    """Products in a table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: ProductDraft) -> Product:
        values = draft.model_dump()
        check(values)
        return await self._one(
            f"INSERT INTO products (name, price) VALUES (%(name)s, %(price)s) RETURNING {COLUMNS}", values
        )

    async def get(self, product_id: int) -> Product | None:
        return await self._one(f"SELECT {COLUMNS} FROM products WHERE id = %s", [product_id])

    async def page(self, limit: int, offset: int) -> tuple[list[Product], int]:
        def work(connection: Any) -> tuple[list[Product], int]:
            cursor = connection.cursor(row_factory=class_row(Product))
            query = f"SELECT {COLUMNS} FROM products ORDER BY id OFFSET %s LIMIT %s"
            page = cursor.execute(query, [offset, limit]).fetchall()
            return page, connection.execute("SELECT count(*) FROM products").fetchone()[0]

        return await self._database.run(work)

    async def change(self, product_id: int, changes: dict[str, Any]) -> Product | None:
        if not changes:
            return await self.get(product_id)
        check(changes)
        settings = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes]
        query = sql.SQL("UPDATE products SET {} WHERE id = %(id)s RETURNING id, name, price")
        return await self._one(query.format(sql.SQL(", ").join(settings)), {"id": product_id, **changes})

    async def remove(self, product_id: int) -> bool:
        query = "DELETE FROM products WHERE id = %s"
        return await self._database.run(lambda connection: connection.execute(query, [product_id]).rowcount > 0)

    async def stock(self, product_id: int) -> int | None:
        query = "SELECT stock FROM products WHERE id = %s"
        row = await self._database.run(lambda connection: connection.execute(query, [product_id]).fetchone())
        return row and row[0]

    async def set_stock(self, product_id: int, quantity: int) -> bool:
        query = "UPDATE products SET stock = %s WHERE id = %s"
        values = [quantity, product_id]
        return await self._database.run(lambda connection: connection.execute(query, values).rowcount > 0)

    async def _one(self, query: Any, values: Any) -> Any:
        def work(connection: Any) -> Any:
            return connection.cursor(row_factory=class_row(Product)).execute(query, values).fetchone()

        return await self._database.run(work)
