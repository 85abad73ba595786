"""Real servers for lessons: PostgreSQL, MongoDB, Redis, RabbitMQ, S3, NATS, etcd, as this machine can have them.

``open_servers`` gives running servers; each gives allocations: a database, vhost, key space, bucket, prefix or account,
with a login of its own.
``up``, ``down`` and ``status`` are for servers that keep running between commands.
"""

from taller.services.background import Status, down, status, up
from taller.services.errors import ServiceError, ServiceUnavailable
from taller.services.opening import open_servers
from taller.services.registry import names
from taller.services.server import Allocation, Server, environment_of

__all__ = [
    "Allocation",
    "Server",
    "ServiceError",
    "ServiceUnavailable",
    "Status",
    "down",
    "environment_of",
    "names",
    "open_servers",
    "status",
    "up",
]
