"""What users have been told and may have missed: every notification stays, under its number."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from lesson05_postgresql.database import Database

ON_ITS_WAY = "Tu pedido está en camino!"


@dataclass(frozen=True)
class Notification:
    """An order is on its way; ``numero`` counts the notifications of a user."""

    user_id: str
    numero: int
    order_id: int

    def payload(self) -> dict[str, Any]:
        """What the client gets."""
        return {"id": str(self.order_id), "estado": "ENVIADO", "mensaje": ON_ITS_WAY, "numero": self.numero}


class Mailboxes:
    """The notifications of all users, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, cursors: dict[str, int]) -> list[Notification]:
        """What came for each of these users after the number that is given for them, in order."""
        # starter: return []
        # --8<-- [start:notifications]
        async with self._database.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Notification))
            await cursor.execute(
                """
                SELECT user_id, notifications.numero, order_id
                FROM notifications JOIN unnest(%s::text[], %s::integer[]) AS seen (user_id, numero) USING (user_id)
                WHERE notifications.numero > seen.numero
                ORDER BY user_id, notifications.numero
                """,
                [list(cursors), list(cursors.values())],
            )
            return await cursor.fetchall()
        # --8<-- [end:notifications]
