"""What the two programs have to be told."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings
from lesson13_microservices.settings import base_url
from lesson14_service_discovery.instances import ServiceName

# The labels of DNS-SD have 15 characters (RFC 6763, section 7), and a name for each run keeps two runs apart.
FORMS = {
    "memory": re.compile(r"memory:[!-~]*"),
    "mdns": re.compile(r"mdns:([a-z0-9](-?[a-z0-9]){0,14})?"),
    "etcd": re.compile(r"etcd://([^/@\s]+:[^/@\s]+@)?[^/@\s:]+:\d+/[^\s?#]+"),
    "consul": re.compile(r"consul://([^/@\s]+@)?[^/@\s:]+:\d+/?"),
}


def registry_url(url: SecretStr) -> SecretStr:
    """The URL itself; raises ValueError, without the URL in it because that may have a password."""
    value = url.get_secret_value()
    kind = value.partition(":")[0]
    if kind not in FORMS or not FORMS[kind].fullmatch(value):
        raise ValueError("memory:SECRET, mdns:NAME, etcd://user:password@host:port/prefix or consul://host:port is due")
    return url


class RegistrySettings(LoggingSettings):
    """As lesson03's, and which registry is used; who says nothing for ``registry_ttl_s`` seconds is gone."""

    registry_url: Annotated[SecretStr, AfterValidator(registry_url)]
    registry_ttl_s: int = Field(default=10, ge=1, le=3600)

    @property
    def kind(self) -> str:
        """The backend's name, such as ``etcd``."""
        return self.registry_url.get_secret_value().partition(":")[0]

    @property
    def beat_s(self) -> float:
        """How often an instance says that it lives: two beats may be lost."""
        return self.registry_ttl_s / 4


class GatewaySettings(RegistrySettings):
    """As above; a service that sends nothing for ``upstream_timeout_s`` seconds is taken for one that will not."""

    service: str = Field(default="gateway", min_length=1)
    config_file: Path | None = None
    upstream_timeout_s: float = Field(default=5, gt=0, le=60)


class InstanceSettings(RegistrySettings):
    """As above; how the service is called, where the gateway is, and how long one that leaves waits to be forgotten."""

    service: ServiceName = "catalog"
    web_url: Annotated[str, AfterValidator(base_url)]
    drain_s: float = Field(default=1, ge=0, le=10)
