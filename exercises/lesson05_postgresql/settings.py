"""What a process that keeps data in PostgreSQL has to be told."""

from typing import Annotated

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AfterValidator

from lesson03_middleware_logging.settings import LoggingSettings

SCHEMES = ("postgresql://", "postgres://")


def postgresql_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that has a password, when it is none."""
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        url = ""
    if not url.startswith(SCHEMES):
        raise ValueError("a URL such as postgresql://user:password@host:5432/database is due")
    return url


class DatabaseSettings(LoggingSettings):
    """Where a web process listens, how it logs, and where its database is."""

    database_url: Annotated[str, AfterValidator(postgresql_url)]
