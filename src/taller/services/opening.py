"""Where a server is had from, and for how long."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from threading import Event

from taller.services import docker, embedded, records
from taller.services.errors import ServiceUnavailable
from taller.services.registry import find
from taller.services.server import Server
from taller.services.service import Announce, Service


@contextmanager
def open_servers(
    wanted: Iterable[str], *, announce: Announce = lambda line: None, private: bool = False
) -> Iterator[dict[str, Server]]:
    """Running servers by name, for as long as the context lasts; those that have to be started start in parallel.

    The first of these that is there is taken: the service's URL in the environment, one that ``taller services up``
    started, an embedded one from programs on this machine, one in Docker. With ``private`` it is an embedded one that
    nobody else uses, and that may be killed and restarted. What was started here ends with the context.

    ``announce`` gets a line now and then, from several threads. Raises ``ServiceUnavailable`` when none of the ways
    works, and then leaves nothing behind.
    """
    services = [find(name) for name in dict.fromkeys(wanted)]
    cancelled = Event()
    with ExitStack() as opened:

        def open_one(service: Service) -> Server:
            server = (embedded.start if private else _open)(service, announce, cancelled)
            opened.callback(server.close)
            return server

        with ThreadPoolExecutor(max(len(services), 1)) as pool:
            starting = [pool.submit(open_one, service) for service in services]
            try:
                servers = [future.result() for future in as_completed(starting)]
            except BaseException:
                cancelled.set()
                raise
        yield {server.name: server for server in servers}


def _open(service: Service, announce: Announce, cancelled: Event) -> Server:
    if os.environ.get(service.variable):
        return _from_environment(service)
    endpoint = records.endpoint_of(service.name)
    if endpoint:
        return Server(service, endpoint, "up")
    try:
        return embedded.start(service, announce, cancelled)
    except ServiceUnavailable as missing:
        if not docker.offers(service):
            raise
        announce(f"{missing.reason}; trying Docker")
        return docker.start(service, announce)


def _from_environment(service: Service) -> Server:
    endpoint = service.foreign(os.environ[service.variable])
    try:
        service.version(endpoint)
    except ServiceUnavailable:
        raise
    # Each client has errors of its own for a server that is down, a wrong password and a malformed URL.
    except Exception as error:
        reason = f"{service.variable} is set, and the server it names does not answer: {error}"
        raise ServiceUnavailable(service.name, reason, f"unset {service.variable}") from error
    return Server(service, endpoint, "environment")
