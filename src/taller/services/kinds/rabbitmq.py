"""RabbitMQ: the node that is installed here, or Debian's packages unpacked into the user's cache."""

from __future__ import annotations

import re
import secrets
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from taller.services import debian
from taller.services.errors import ServiceUnavailable
from taller.services.logins import random_name, random_password, with_login
from taller.services.server import Allocation, Endpoint
from taller.services.service import Announce, Command, Service, Site

if TYPE_CHECKING:
    import httpx

MANAGEMENT_VARIABLE = "TALLER_RABBITMQ_MANAGEMENT_URL"
MANAGEMENT_PORT = 15672
PLUGINS = ("rabbitmq_management",)
ALL_RIGHTS = {"configure": ".*", "write": ".*", "read": ".*"}
# What the broker looks for at boot beyond the dependencies that its applications name.
BOOT = ("rabbit", "rabbitmq_prelaunch", "observer_cli", "recon", "rabbitmq_peer_discovery_common", "oauth2_client")


class RabbitMQ(Service):
    """An allocation is a vhost, and a user with all rights in it, none elsewhere and none on the management API.

    Both are made by the management API. Beside an ``AMQP_URL`` from outside, it is looked for on the same host at
    port 15672, or at ``TALLER_RABBITMQ_MANAGEMENT_URL``.
    """

    name = "rabbitmq"
    variable = "AMQP_URL"
    ports = ("port", "management_port", "distribution_port", "epmd_port")
    # It recovers from this in a second; a clean stop (SIGTERM) takes six.
    stop_signal = signal.SIGKILL

    def missing(self) -> ServiceUnavailable | None:
        if _installation():
            return None
        return ServiceUnavailable(self.name, "not installed, and not fetched yet", debian.fetch_command(self.name))

    def require(self, announce: Announce) -> None:
        if self.missing():
            fetch(announce)

    def prepare(self, site: Site) -> None:
        installation = _installation()
        assert installation is not None
        _trim(installation.home, site.directory / "home")
        files = {
            "erl": (_erl(installation), 0o700),
            "start": (_start(installation), 0o700),
            "rabbitmq.conf": (_configuration(site), 0o600),
            "enabled_plugins": (f"[{','.join(PLUGINS)}].\n", 0o600),
            ".erlang.cookie": (secrets.token_hex(16), 0o600),
        }
        for name, (text, mode) in files.items():
            path = site.directory / name
            path.touch(mode=mode)
            path.write_text(text)

    def command(self, site: Site) -> Command:
        installation = _installation()
        assert installation is not None
        return Command([str(site.directory / "start")], _environment(installation, site))

    def endpoint(self, ports: Mapping[str, int], password: str) -> Endpoint:
        return Endpoint(
            f"amqp://taller:{password}@127.0.0.1:{ports['port']}/%2F",
            f"http://127.0.0.1:{ports['management_port']}",
        )

    def settle(self, endpoint: Endpoint) -> None:
        """Push out what Mnesia holds back.

        It writes a transaction's decision up to two seconds late: a queue that was declared just before a kill would
        be gone after it. The next transaction takes the decision along; this one changes nothing.
        """
        user = urlsplit(endpoint.url).username
        with _management(endpoint, timeout_s=2) as api:
            _done(api.put(f"permissions/%2F/{user}", json=ALL_RIGHTS))

    def foreign(self, url: str) -> Endpoint:
        usual = f"http://{urlsplit(url).hostname}:{MANAGEMENT_PORT}"
        return Endpoint(url, environ.get(MANAGEMENT_VARIABLE, usual))

    def variables(self, endpoint: Endpoint) -> dict[str, str]:
        return {**super().variables(endpoint), MANAGEMENT_VARIABLE: endpoint.management_url}

    def version(self, endpoint: Endpoint) -> str:
        import httpx
        import pika

        pika.BlockingConnection(pika.URLParameters(endpoint.url)).close()
        try:
            with _management(endpoint) as api:
                overview = _done(api.get("overview")).json()
        except httpx.HTTPError as error:
            reason = f"it runs, but its management API does not answer at {endpoint.management_url}: {error}"
            raise ServiceUnavailable(self.name, reason, "rabbitmq-plugins enable rabbitmq_management") from error
        return f"RabbitMQ {overview['rabbitmq_version']}"

    def allocate(self, endpoint: Endpoint) -> Allocation:
        name, password = random_name(), random_password()
        with _management(endpoint) as api:
            _done(api.put(f"vhosts/{name}", json={}))
            _done(api.put(f"users/{name}", json={"password": password, "tags": ""}))
            _done(api.put(f"permissions/{name}/{name}", json=ALL_RIGHTS))
        url = with_login(endpoint.url, name, password, name)
        return Allocation(url, {self.variable: url}, lambda: _release(endpoint, name))


def fetch(announce: Announce) -> None:
    """Put RabbitMQ into the user's cache, where the system is Debian's or Ubuntu's and has none of its own.

    Needs no root. Raises ``ServiceUnavailable`` where there is no apt, or it cannot reach its archive.
    """
    if _installation() is None:
        try:
            debian.fetch("rabbitmq-server", ("rabbitmq", "erlang"), debian.cache(RabbitMQ.name), announce)
        except debian.FetchFailed as error:
            remedy = debian.remedy("rabbitmq-server", RabbitMQ.name)
            raise ServiceUnavailable("rabbitmq", str(error), remedy) from error


def _management(endpoint: Endpoint, timeout_s: float = 10) -> httpx.Client:
    import httpx

    login = urlsplit(endpoint.url)
    url = endpoint.management_url.rstrip("/") + "/api/"
    auth = (login.username or "guest", login.password or "guest")
    # Reading the certificates takes longer than all the requests: only where they are needed.
    return httpx.Client(base_url=url, auth=auth, timeout=timeout_s, verify=url.startswith("https:"), trust_env=False)


def _done(response: httpx.Response) -> httpx.Response:
    return response.raise_for_status()


def _release(endpoint: Endpoint, name: str) -> None:
    with _management(endpoint) as api:
        _done(api.delete(f"vhosts/{quote(name)}"))
        _done(api.delete(f"users/{quote(name)}"))


@dataclass(frozen=True)
class Installation:
    """RabbitMQ's own directory, Erlang's root, and libraries that the system may lack."""

    home: Path
    erlang: Path
    libraries: str = ""

    @property
    def runtime(self) -> Path:
        """Where ``erlexec`` and ``epmd`` are."""
        return next(self.erlang.glob("erts-*/bin"))


def _installation() -> Installation | None:
    """What the system has, else what was fetched."""
    program, erl = shutil.which("rabbitmq-server", path=_path()), shutil.which("erl", path=_path())
    if program and erl:
        # Debian's program is a wrapper for its service; others link to the server's own sbin directory.
        homes = [*Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"), Path(program).resolve().parents[1]]
        for home in homes:
            if (home / "plugins").is_dir():
                return Installation(home, Path(erl).resolve().parents[1])
    root = debian.unpacked(debian.cache(RabbitMQ.name))
    if root is None:
        return None
    home = next(root.glob("usr/lib/rabbitmq/lib/rabbitmq_server-*"))
    return Installation(home, root / "usr/lib/erlang", debian.library_path(root))


def _path() -> str:
    return f"{environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"


def _trim(home: Path, to: Path) -> None:
    """A home with the needed plugins alone: Erlang looks through all of them for every module, half of a start."""
    (to / "plugins").mkdir(parents=True)
    shutil.copytree(home / "sbin", to / "sbin")
    (to / "escript").symlink_to(home / "escript")
    for plugin in _needed_plugins(home / "plugins"):
        (to / "plugins" / plugin.name).symlink_to(plugin)


def _needed_plugins(plugins: Path) -> list[Path]:
    """The broker's own applications and ours, with all that they depend on."""
    applications = {file.stem: file for file in plugins.glob("*/ebin/*.app")}
    wanted, needed = [*BOOT, *PLUGINS], set[str]()
    while wanted:
        name = wanted.pop()
        if name in applications and name not in needed:
            needed.add(name)
            dependencies = re.search(r"\{\s*applications\s*,\s*\[([^]]*)]", applications[name].read_text("utf-8"))
            wanted += re.findall(r"\w+", dependencies[1]) if dependencies else []
    return [applications[name].parent.parent for name in sorted(needed)]


def _erl(installation: Installation) -> str:
    """Erlang's start script holds the path that it was built for; this one tells where it really is."""
    runtime = installation.runtime
    return f"""#!/bin/sh
export ROOTDIR='{installation.erlang}' BINDIR='{runtime}' EMU=beam PROGNAME=erl
exec '{runtime}/erlexec' "$@"
"""


def _start(installation: Installation) -> str:
    """With a port mapper of its own, the node meets no other on this machine, and the mapper ends with it."""
    return f"""#!/bin/sh
'{installation.runtime}/epmd' -address 127.0.0.1 -port "$ERL_EPMD_PORT" &
exec ./home/sbin/rabbitmq-server
"""


def _configuration(site: Site) -> str:
    ports = site.ports
    return f"""listeners.tcp.1 = 127.0.0.1:{ports["port"]}
management.tcp.ip = 127.0.0.1
management.tcp.port = {ports["management_port"]}
management.rates_mode = basic
collect_statistics_interval = 1000
default_user = taller
default_pass = {site.password}
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 512MB
num_acceptors.tcp = 4
log.console = true
log.console.level = warning
log.file = false
"""


def _environment(installation: Installation, site: Site) -> dict[str, str]:
    here, ports = site.directory, site.ports
    return {
        "PATH": f"{here}:{installation.runtime}:/usr/bin:/bin",
        "LD_LIBRARY_PATH": installation.libraries,
        "HOME": str(here),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(ports["epmd_port"]),
        "ERL_MAX_PORTS": "4096",
        # The server's script then becomes the Erlang machine instead of waiting beside it.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_NODENAME": f"taller{ports['port']}@127.0.0.1",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(ports["port"]),
        "RABBITMQ_DIST_PORT": str(ports["distribution_port"]),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
        "RABBITMQ_MNESIA_BASE": f"{here}/mnesia",
        "RABBITMQ_LOG_BASE": f"{here}/log",
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_GENERATED_CONFIG_DIR": f"{here}/config",
        "RABBITMQ_PLUGINS_EXPAND_DIR": f"{here}/expand",
        "RABBITMQ_PID_FILE": f"{here}/pid",
        "RABBITMQ_MAX_NUMBER_OF_PROCESSES": "65536",
        "RABBITMQ_MAX_NUMBER_OF_ATOMS": "1048576",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
    }


SERVICE = RabbitMQ()
