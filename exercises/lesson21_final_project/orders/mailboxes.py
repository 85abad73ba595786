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
        # TODO notifications: The server speaks first
        return []
