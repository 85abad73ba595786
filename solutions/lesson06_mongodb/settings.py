"""What a process that keeps data in MongoDB has to be told."""

from typing import Annotated

from pydantic import AfterValidator
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from lesson03_middleware_logging.settings import LoggingSettings


def mongodb_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that has a password, when it is none."""
    # --8<-- [start:configure]
    try:
        names_a_database = url.startswith("mongodb://") and parse_uri(url)["database"]
    except (PyMongoError, ValueError):
        names_a_database = False
    if not names_a_database:
        raise ValueError("a URL such as mongodb://user:password@host:27017/database is due")
    return url
    # --8<-- [end:configure]


class MongoSettings(LoggingSettings):
    """Where a web process listens, how it logs, and where its database is."""

    mongodb_url: Annotated[str, AfterValidator(mongodb_url)]
