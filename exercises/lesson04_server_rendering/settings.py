"""What a process with pages has to be told."""

from pydantic import Field, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings

SHORTEST_SECRET = 32


class PageSettings(LoggingSettings):
    """As lesson03's, and the key that form tokens are made with: the same in every process, and nobody else's."""

    # TODO csrf: Only from our own form
    session_secret: SecretStr = SecretStr("")
