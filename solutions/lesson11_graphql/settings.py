"""What an API in GraphQL has to be told, or may be."""

from pydantic import Field

from lesson03_middleware_logging.settings import LoggingSettings
from lesson05_postgresql.settings import DatabaseSettings


class QuerySettings(LoggingSettings):
    """How much one query may ask for, and whether it may ask for the schema."""

    introspection: bool = True
    max_tokens: int = Field(default=1000, ge=1)
    max_depth: int = Field(default=8, ge=1)
    max_aliases: int = Field(default=15, ge=0)
    max_directives: int = Field(default=20, ge=0)
    max_cost: int = Field(default=1000, ge=1)


class BlogSettings(QuerySettings, DatabaseSettings):
    """Beside these: where the blog's database is, and how long a WebSocket may wait before it says who it is."""

    connection_init_timeout_ms: int = Field(default=3000, ge=1)
