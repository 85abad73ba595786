"""The app of the manager, put together from its parts."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson03_middleware_logging.problems import problem
from lesson19_processes_and_scaling.manager_routes import router
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.settings import ManagerSettings
from lesson19_processes_and_scaling.supervisor_client import NoSuchProcess, Supervisor
from lesson19_processes_and_scaling.workers import NobodyElse, NotBack, Workers


async def no_such_process(request: Request, error: Exception) -> JSONResponse:
    """Answer 404."""
    return problem(404, "there is no process of that name")


async def nobody_else(request: Request, error: Exception) -> JSONResponse:
    """Answer 409."""
    return problem(409, "with one worker, nobody would serve meanwhile")


async def not_back(request: Request, error: Exception) -> JSONResponse:
    """Answer 503; what else serves goes on."""
    return problem(503, str(error))


def create_manager(settings: ManagerSettings) -> FastAPI:
    """What those who run the processes ask and order."""
    places = Places(settings.state_dir)
    supervisor = Supervisor(places.supervisor_socket)
    app = FastAPIOffline(
        title="Manager", version="1.0.0", docs_url="/manage/docs", openapi_url="/manage/openapi.json", redoc_url=None
    )
    app.state.token = settings.manage_token.get_secret_value()
    app.state.places = places
    app.state.supervisor = supervisor
    app.state.workers = Workers(supervisor, settings)
    app.include_router(router)
    app.add_exception_handler(NoSuchProcess, no_such_process)
    app.add_exception_handler(NobodyElse, nobody_else)
    app.add_exception_handler(NotBack, not_back)
    add_middleware_and_logging(app)
    return app
