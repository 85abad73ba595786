"""HTTP on one side, supervisor on the other.

These functions are not asynchronous: FastAPI runs each in a thread of its own, where it may wait for a process to end.
"""

from hmac import compare_digest
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from lesson19_processes_and_scaling.configuration import Configuration
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.supervisor_client import ProcessStatus, Supervisor
from lesson19_processes_and_scaling.tail import last_lines
from lesson19_processes_and_scaling.workers import Workers

bearer = HTTPBearer(auto_error=False)


def only_with_the_token(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """Answer 401 to whoever does not know the token."""
    if given is None or not compare_digest(given.credentials.encode(), request.app.state.token.encode()):
        raise HTTPException(401, "a valid token is needed", {"WWW-Authenticate": "Bearer"})


def supervisor_of(request: Request) -> Supervisor:
    """The supervisor that has started us."""
    supervisor: Supervisor = request.app.state.supervisor
    return supervisor


def workers_of(request: Request) -> Workers:
    """The workers as a whole."""
    workers: Workers = request.app.state.workers
    return workers


def places_of(request: Request) -> Places:
    """Where the files of this run are."""
    places: Places = request.app.state.places
    return places


TheSupervisor = Annotated[Supervisor, Depends(supervisor_of)]
TheWorkers = Annotated[Workers, Depends(workers_of)]
ThePlaces = Annotated[Places, Depends(places_of)]

router = APIRouter(prefix="/manage", dependencies=[Depends(only_with_the_token)])


@router.get("/processes")
def processes(supervisor: TheSupervisor) -> list[ProcessStatus]:
    """All processes as they are now."""
    return supervisor.processes()


@router.get("/processes/{name}")
def process(name: str, supervisor: TheSupervisor) -> ProcessStatus:
    """One process as it is now."""
    return supervisor.process(name)


@router.post("/processes/{name}/start", status_code=202)
def start(name: str, supervisor: TheSupervisor) -> ProcessStatus:
    """Begin to start it; it may take a while until it serves."""
    supervisor.start(name)
    return supervisor.process(name)


@router.post("/processes/{name}/stop", status_code=202)
def stop(name: str, supervisor: TheSupervisor) -> ProcessStatus:
    """Have it finish, and keep it stopped."""
    supervisor.stop(name)
    return supervisor.process(name)


@router.post("/processes/{name}/restart", status_code=202)
def restart(name: str, supervisor: TheSupervisor) -> ProcessStatus:
    """Have it finish, and begin to start it again."""
    # TODO status: Name your processes and see them
    raise NotImplementedError("status")


@router.get("/logs/{name}", response_class=PlainTextResponse)
def log(
    name: str,
    supervisor: TheSupervisor,
    places: ThePlaces,
    lines: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> str:
    """The last lines that a process has printed."""
    # TODO logs: Read the logs by name
    raise NotImplementedError("logs")


@router.post("/reload")
def reload(workers: TheWorkers, supervisor: TheSupervisor) -> list[ProcessStatus]:
    """Renew all workers, one after the other, while the others serve."""
    workers.reload()
    return supervisor.processes()


@router.get("/configuration")
def configuration(workers: TheWorkers) -> Configuration:
    """What the workers were told."""
    return workers.configuration


@router.put("/configuration")
def configure(new: Configuration, workers: TheWorkers) -> Configuration:
    """Change it, and have everything follow while requests come in."""
    workers.configure(new)
    return workers.configuration
