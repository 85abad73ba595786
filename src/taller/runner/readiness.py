"""Whether a process can serve yet."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from taller.processes import Child

READY_WITHIN = 10.0
WRONG_ANSWERS_FOR = 3.0
ONE_ANSWER_WITHIN = 2.0
PAUSE = 0.01


@dataclass(frozen=True)
class NotReady:
    """Why a process is not ready: for people; ``answered`` when somebody speaks there, but not as it should."""

    reason: str
    answered: bool = False


def ask_health(port: int) -> NotReady | None:
    """Ask for GET /health once; None when the answer is 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ONE_ANSWER_WITHIN)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        body = answer.read(200)
    except ConnectionRefusedError:
        return NotReady(f"nothing listens on port {port}, the one that PORT names")
    except TimeoutError:
        return NotReady(
            f"it takes connections on port {port} but gave GET /health no answer in {ONE_ANSWER_WITHIN:g} s"
        )
    except http.client.HTTPException as error:
        return NotReady(f"its answer to GET /health is not HTTP: {str(error)[:100]!r}", answered=True)
    except OSError as error:
        return NotReady(f"it broke the connection off when asked for GET /health ({error})")
    finally:
        connection.close()
    if answer.status == 200:
        return None
    return NotReady(
        f"it answers GET /health with {answer.status} {answer.reason}: {body.decode(errors='replace')}", True
    )


def wait_until_ready(child: Child, ask: Callable[[], NotReady | None]) -> NotReady | None:
    """Ask again and again; None once it is ready, the last reason when it ended or took too long."""
    deadline = time.monotonic() + READY_WITHIN
    patience = None
    while True:
        problem = ask()
        now = time.monotonic()
        if problem is None or child.exit_status is not None:
            return problem
        if problem.answered:
            patience = patience or now + WRONG_ANSWERS_FOR
        if now > deadline or (patience and now > patience):
            return problem
        child.wait(PAUSE)


def other_ports(child: Child, port: int) -> list[int]:
    """Ports on which a process listens although it was told another: a common mistake, worth a hint."""
    try:
        program = psutil.Process(child.pid)
        family = [program, *program.children(recursive=True)]
        connections = [connection for process in family for connection in process.net_connections(kind="tcp")]
    except psutil.Error:
        return []
    return sorted({c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN and c.laddr.port != port})
