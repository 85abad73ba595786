"""A compose file as data (https://github.com/compose-spec/compose-spec/blob/main/spec.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taller.shipping.documents import mapping, read_mapping, texts
from taller.shipping.images import Image

INTERPOLATION = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<operator>:?[-?+])(?P<operand>[^}]*))?\})"
)
IMAGES = {
    "postgresql": ("postgres", "postgresql"),
    "mongodb": ("mongo", "mongodb"),
    "redis": ("redis", "valkey"),
    "rabbitmq": ("rabbitmq",),
}


@dataclass(frozen=True)
class Mount:
    """What a service mounts: a volume's name or a path, and where; ``kind`` is volume, bind or tmpfs."""

    kind: str
    source: str
    target: str


@dataclass(frozen=True)
class Service:
    """One service of a compose file."""

    name: str
    data: dict[str, Any]

    @property
    def image(self) -> Image:
        """The image that it runs; one with an empty text when it is built."""
        return Image.parse(str(self.data.get("image", "")))

    @property
    def is_built(self) -> bool:
        """Whether it is a program of ours."""
        return "build" in self.data

    @property
    def kind(self) -> str:
        """Which server it is, by taller's names for services; empty for any other."""
        known = (kind for kind, names in IMAGES.items() if self.image.name in names)
        return "" if self.is_built else next(known, "")

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, as written."""
        value = self.data.get("environment")
        if isinstance(value, list):
            return {name: text for name, _, text in (str(item).partition("=") for item in value)}
        return {name: "" if text is None else _text(text) for name, text in mapping(value).items()}

    @property
    def mounts(self) -> list[Mount]:
        """What it mounts, in either syntax."""
        return [_mount(item) for item in self.data.get("volumes") or []]

    @property
    def ports(self) -> list[tuple[str, str]]:
        """The ports that it publishes: the address of the host (empty for every one), and the container's port."""
        return [_port(item) for item in self.data.get("ports") or []]

    @property
    def depends_on(self) -> dict[str, str]:
        """The services that it waits for, each with the condition."""
        value = self.data.get("depends_on")
        if isinstance(value, list):
            return {str(name): "service_started" for name in value}
        return {name: str(mapping(entry).get("condition", "")) for name, entry in mapping(value).items()}

    @property
    def healthcheck(self) -> dict[str, Any]:
        """How its health is checked; empty when it is not."""
        check = mapping(self.data.get("healthcheck"))
        return {} if check.get("disable") or texts(check.get("test"))[:1] == ["NONE"] else check


@dataclass(frozen=True)
class Compose:
    """A compose file."""

    path: str
    data: dict[str, Any]

    @classmethod
    def parse(cls, text: str, path: str = "compose.yaml") -> "Compose":
        """Read it; raises ``Unreadable``."""
        return cls(path, read_mapping(text, path))

    @property
    def services(self) -> dict[str, Service]:
        """The services by name."""
        return {name: Service(name, mapping(data)) for name, data in mapping(self.data.get("services")).items()}

    @property
    def volumes(self) -> set[str]:
        """The names of the volumes that it declares."""
        return set(mapping(self.data.get("volumes")))

    def of_kind(self, kind: str) -> list[Service]:
        """The services that are such a server."""
        return [service for service in self.services.values() if service.kind == kind]

    def built(self) -> list[Service]:
        """The services that are programs of ours."""
        return [service for service in self.services.values() if service.is_built]


def variables_in(value: object) -> set[str]:
    """The names of the variables that are filled in anywhere in a part of a compose file."""
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in variables_in(item)}
    if isinstance(value, list):
        return {name for item in value for name in variables_in(item)}
    return {match["name"] or match["bare"] for match in INTERPOLATION.finditer(str(value)) if not match["escaped"]}


def shortened(text: str) -> str:
    """A text with each variable as ``$NAME``: what else stands in the braces would confuse whoever reads a URL."""
    return INTERPOLATION.sub(lambda match: "$" + (match["escaped"] or match["name"] or match["bare"]), text)


def defaults_in(value: object) -> dict[str, str]:
    """The variables in a text that have a default, and what that is."""
    found = INTERPOLATION.finditer(str(value))
    return {match["name"]: match["operand"] for match in found if (match["operator"] or "").endswith("-")}


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Fill in variables as Compose does; raises ``KeyError`` for one that is required and missing."""

    def fill(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        value = variables.get(match["name"] or match["bare"])
        operator, operand = match["operator"] or "", match["operand"] or ""
        missing = not value if operator.startswith(":") else value is None
        if operator.endswith("?") and missing:
            raise KeyError(match["name"])
        if operator.endswith("+"):
            return "" if missing else operand
        return (operand if operator.endswith("-") else "") if missing else str(value)

    return INTERPOLATION.sub(fill, text)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mount(item: object) -> Mount:
    if isinstance(item, Mapping):
        return Mount(str(item.get("type", "volume")), str(item.get("source", "")), str(item.get("target", "")))
    source, _, rest = str(item).partition(":")
    if not rest:
        return Mount("volume", "", source)
    return Mount("bind" if re.match(r"[./~]|\$", source) else "volume", source, rest.partition(":")[0])


def _port(item: object) -> tuple[str, str]:
    if isinstance(item, Mapping):
        return str(item.get("host_ip", "")), str(item.get("target", ""))
    # Variables may have colons in them.
    plain = INTERPOLATION.sub("0", str(item)).partition("/")[0]
    host, _, container = plain.rpartition(":")
    return host.rpartition(":")[0].strip("[]"), container
