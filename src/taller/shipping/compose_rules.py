"""What makes a compose file a good one. Each rule yields what breaks it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from taller.shipping.compose import Compose, Service, defaults_in, shortened
from taller.shipping.documents import texts
from taller.shipping.problem import Problem
from taller.shipping.secrets import is_secret_name, password_in, written_out

PORTS = {"postgresql": 5432, "mongodb": 27017, "redis": 6379, "rabbitmq": 5672}
SCHEMES = {
    "postgresql": ("postgresql", "postgres"),
    "mongodb": ("mongodb",),
    "redis": ("redis", "valkey"),
    "rabbitmq": ("amqp",),
}
ASKS = {
    "postgresql": r"pg_isready|psql",
    "mongodb": r"mongosh",
    "redis": r"(redis|valkey)-cli",
    "rabbitmq": r"rabbitmq-diagnostics|rabbitmqctl",
}
PASSED = re.compile(r"(?:--requirepass|--pass(?:word)?|(?<!\S)-a)[ =](?P<secret>\S+)")
ENDLESS = ("unless-stopped", "always", "on-failure")


def is_up_to_date(compose: Compose) -> Iterator[Problem]:
    """It has no ``version``: that is of a format that is gone, and Compose warns of it."""
    if "version" in compose.data:
        yield Problem(compose.path, "no 'version' at the top: it means nothing any more", str(compose.data["version"]))


def images_are_pinned(compose: Compose) -> Iterator[Problem]:
    """Every image that is not built here has a version or a digest."""
    for service in compose.services.values():
        if not service.is_built and not service.image.is_pinned:
            wanted = "an image whose tag names a version, such as postgres:18.1-alpine"
            yield Problem(_where(service, "image"), wanted, service.image.text or "no image")


def data_is_kept(compose: Compose) -> Iterator[Problem]:
    """Every server with data of its own keeps them in a named volume, at the place where the image has them."""
    for service in compose.services.values():
        if not service.kind:
            continue
        folder = data_folder(service)
        named = [m for m in service.mounts if m.kind == "volume" and m.source and m.target.rstrip("/") == folder]
        if not named:
            got = ", ".join(f"{m.source}:{m.target}" for m in service.mounts) or "no volume"
            wanted = f"a named volume at {folder}, where {service.image.text} keeps its data"
            yield Problem(_where(service, "volumes"), wanted, got)
        for mount in named:
            if mount.source not in compose.volumes:
                yield Problem("volumes", f"the volume {mount.source!r}, which {service.name} mounts", "none")
        if service.kind == "rabbitmq" and not service.data.get("hostname"):
            wanted = "a hostname: RabbitMQ keeps its data under the host's name, and each new container has another"
            yield Problem(_where(service, "hostname"), wanted, "none")


def data_folder(service: Service) -> str:
    """Where the image of such a server has its data."""
    folders = {"mongodb": "/data/db", "redis": "/data", "rabbitmq": "/var/lib/rabbitmq"}
    # https://github.com/docker-library/postgres/pull/1259
    postgresql = "/var/lib/postgresql" if service.image.major >= 18 else "/var/lib/postgresql/data"
    return folders.get(service.kind, postgresql)


def health_is_checked(compose: Compose) -> Iterator[Problem]:
    """Every server is asked by its own client whether it is well, with an end to the asking."""
    for service in compose.services.values():
        if service.is_built:
            continue
        check, where = service.healthcheck, _where(service, "healthcheck")
        if not check.get("test"):
            yield Problem(where, "a healthcheck with a test", "none")
            continue
        test = " ".join(texts(check["test"]))
        if service.kind and not re.search(ASKS[service.kind], test):
            yield Problem(where, f"a test that asks the server itself, by {ASKS[service.kind]}", test)
        for name in ("interval", "timeout", "retries"):
            if name not in check:
                yield Problem(where, f"{name}: the default of Compose is no decision of yours", "none")


def ports_are_local(compose: Compose) -> Iterator[Problem]:
    """No server's port can be reached from another machine."""
    for service in compose.services.values():
        for address, port in service.ports if not service.is_built else []:
            if address not in ("127.0.0.1", "::1"):
                wanted = "no port of a server published, or on 127.0.0.1 alone: Docker's rules come before a firewall's"
                yield Problem(_where(service, "ports"), wanted, f"port {port} on {address or 'every address'}")


def secrets_come_from_outside(compose: Compose) -> Iterator[Problem]:
    """No password is written in the file, not even as a default."""
    wanted = "a secret that comes from outside the file and has no default, such as ${POSTGRES_PASSWORD:?}"
    for service in compose.services.values():
        for place, secret in _secrets(service):
            if written_out(secret):
                yield Problem(_where(service, place), wanted, secret)
        for variable, default in defaults_in(service.data).items():
            if is_secret_name(variable) and default:
                yield Problem(_where(service, variable), wanted, f"the default {default!r}")


def _secrets(service: Service) -> Iterator[tuple[str, str]]:
    """What should be secret in a service, each with its place; variables are shortened."""
    for name, value in service.environment.items():
        plain = shortened(value)
        yield f"environment.{name}", plain if is_secret_name(name) else password_in(plain)
    for place, command in (("command", service.data.get("command")), ("healthcheck", service.healthcheck.get("test"))):
        for match in PASSED.finditer(shortened(" ".join(texts(command)))):
            yield place, match["secret"]


def programs_come_back(compose: Compose) -> Iterator[Problem]:
    """What has ended is started again."""
    for service in compose.services.values():
        policy = str(service.data.get("restart", "no"))
        if policy.partition(":")[0] not in ENDLESS:
            yield Problem(_where(service, "restart"), "restart: unless-stopped, or its like", policy)


def waits_for_health(compose: Compose) -> Iterator[Problem]:
    """A program is started once every server that it is told of is well."""
    for service in compose.built():
        for name, link in links_of(compose, service):
            condition = service.depends_on.get(link.server.name)
            if condition != "service_healthy":
                wanted = f"{link.server.name} with condition: service_healthy, because {name} names it"
                yield Problem(_where(service, "depends_on"), wanted, condition or "not waited for")


def workers_have_their_own_check(compose: Compose) -> Iterator[Problem]:
    """A program that serves no port does not inherit a check that asks one."""
    for service in compose.built():
        if not service.ports and not service.data.get("expose") and "healthcheck" not in service.data:
            wanted = "a check of its own, or disable: true: the image's asks over HTTP, and this one publishes no port"
            yield Problem(_where(service, "healthcheck"), wanted, "the image's")


@dataclass(frozen=True)
class Link:
    """A URL by which a program of ours reaches a server in the same file."""

    url: str
    server: Service

    @property
    def kind(self) -> str:
        """Which server it is."""
        return self.server.kind


def links_of(compose: Compose, service: Service) -> Iterator[tuple[str, Link]]:
    """The variables of a program that lead to servers in the file, by the URL's host."""
    for name, value in service.environment.items():
        server = compose.services.get(_host(value))
        if server and server.kind:
            yield name, Link(value, server)


def urls_fit(compose: Compose) -> Iterator[Problem]:
    """Each URL of a server leads to a server in the file, at its port, with the login that this server was told."""
    for service in compose.built():
        for name, value in service.environment.items():
            kinds = [kind for kind, schemes in SCHEMES.items() if value.partition("://")[0] in schemes]
            if kinds:
                yield from _fits(compose, kinds[0], value, _where(service, f"environment.{name}"))


def _fits(compose: Compose, kind: str, url: str, where: str) -> Iterator[Problem]:
    host, port = _host(url), _port(url)
    servers = {server.name: server for server in compose.of_kind(kind)}
    if host not in servers:
        wanted = f"the name of the service that is {kind}: {', '.join(servers) or 'there is none'}"
        yield Problem(where, wanted, host or url)
    elif port not in (None, PORTS[kind]):
        wanted = f"port {PORTS[kind]}: between containers it is the server's own, whatever is published"
        yield Problem(where, wanted, str(port))
    else:
        yield from _logs_in(kind, servers[host], url, where)


def _logs_in(kind: str, server: Service, url: str, where: str) -> Iterator[Problem]:
    made, used = _made(kind, server), _used(url)
    for what, value in made.items():
        if used[what] != shortened(value):
            yield Problem(
                where, f"the {what} that {server.name} is told to make: {value or 'none'}", used[what] or "none"
            )


def _made(kind: str, server: Service) -> dict[str, str]:
    """The login that an image makes at its first start."""
    told = server.environment
    match kind:
        case "postgresql":
            user = told.get("POSTGRES_USER", "postgres")
            database = told.get("POSTGRES_DB", user)
            return {"user": user, "password": told.get("POSTGRES_PASSWORD", ""), "database": database}
        case "mongodb":
            root = told.get("MONGO_INITDB_ROOT_USERNAME", "")
            login = {"user": root, "password": told.get("MONGO_INITDB_ROOT_PASSWORD", ""), "authSource": "admin"}
            return login if root else {}
        case "rabbitmq":
            user = told.get("RABBITMQ_DEFAULT_USER", "guest")
            return {"user": user, "password": told.get("RABBITMQ_DEFAULT_PASS", "guest")}
        case _:
            passed = PASSED.search(shortened(" ".join(texts(server.data.get("command")))))
            return {"password": passed["secret"]} if passed else {}


def _used(url: str) -> dict[str, str]:
    parts = urlsplit(shortened(url))
    login, _, _ = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    database = parts.path.strip("/")
    source = parse_qs(parts.query).get("authSource", [database or "admin"])[0]
    return {"user": unquote(user), "password": password, "database": database, "authSource": source}


def _host(url: str) -> str:
    try:
        return urlsplit(shortened(url)).hostname or ""
    except ValueError:
        return ""


def _port(url: str) -> int | None:
    try:
        return urlsplit(shortened(url)).port
    except ValueError:
        return 0


def _where(service: Service, part: str) -> str:
    return f"services.{service.name}.{part}"


RULES = (
    is_up_to_date,
    images_are_pinned,
    data_is_kept,
    health_is_checked,
    ports_are_local,
    secrets_come_from_outside,
    programs_come_back,
    waits_for_health,
    urls_fit,
    workers_have_their_own_check,
)
