"""Numbered SQL files, each applied once; a lock keeps others out."""

from pathlib import Path

from psycopg import Connection

LOCK = 505_000_001


def migrate(connection: Connection) -> None:
    """Apply what has not been applied yet, in the transaction that the connection is in."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (number integer PRIMARY KEY)")
    (done,) = connection.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()
    for number, file in enumerate(sorted((Path(__file__).parent / "migrations").glob("*.sql")), 1):
        if number > done:
            connection.execute(file.read_bytes())
            connection.execute("INSERT INTO schema_migrations VALUES (%s)", [number])
