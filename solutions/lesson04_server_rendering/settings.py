"""What a process with pages has to be told."""

from pydantic import Field, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings

SHORTEST_SECRET = 32


class PageSettings(LoggingSettings):
    """As lesson03's, and the key that form tokens are made with: the same in every process, and nobody else's."""

    # starter: session_secret: SecretStr = SecretStr("")
    # --8<-- [start:csrf]
    session_secret: SecretStr = Field(min_length=SHORTEST_SECRET)
    # --8<-- [end:csrf]
