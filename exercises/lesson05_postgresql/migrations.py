"""The schema, from its first day to now: numbered SQL files, each applied once."""

from pathlib import Path

import structlog
from psycopg import AsyncConnection

log = structlog.get_logger("migrations")

FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as all processes of the shop take the same one and nobody else does.
LOCK = 505_000_001

HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


def files(folder: Path) -> dict[int, Path]:
    """The migrations in a folder by number, in their order: ``001_products.sql`` is number 1."""
    return {int(path.name.partition("_")[0]): path for path in sorted(folder.glob("[0-9]*_*.sql"))}


async def migrate(connection: AsyncConnection, folder: Path = FOLDER) -> None:
    """Apply what has not been applied yet: all of it, or nothing if one file fails.

    The lock lets one process at a time do this. Whoever comes second finds the work done.
    """
    # TODO migrate: Bring the schema up to date, once
    return
