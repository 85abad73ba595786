"""What the processes have to be told."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from lesson05_postgresql.settings import DatabaseSettings

SCHEMES = ("amqp", "amqps", "nats")


def broker_url(url: str) -> str:
    """The URL itself; raises ValueError, without the URL in it because that has a password, when it is none."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError("a URL such as amqp://user:password@host:5672/vhost or nats://user:password@host:4222 is due")
    return url


class BusSettings(DatabaseSettings):
    """As lesson05's, and where the broker is."""

    broker_url: Annotated[str, AfterValidator(broker_url)]


class WorkerSettings(BusSettings):
    """As above, for a process that serves no port."""

    port: int = 0
