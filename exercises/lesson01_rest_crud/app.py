"""The app, put together from its parts."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from starlette.types import Lifespan

from lesson01_rest_crud.bodies import LARGEST_BODY, BodyLimit
from lesson01_rest_crud.errors import bad_input
from lesson01_rest_crud.methods import add_method_rules
from lesson01_rest_crud.repository import ProductRepository
from lesson01_rest_crud.routes import router

# FastAPI would ask at every request who wants its spans and metrics: lesson18 takes them where they are read.
OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


def create_app(products: ProductRepository, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The shop's API over any storage of products; ``lifespan`` holds open what a later lesson adds to it."""
    # An included router matches every request a second time; routes of the app's own are half the work.
    routes = router.routes
    # TODO docs: Documentation that tells the truth
    app = FastAPI(
        title="Shop", version="1.0.0", redoc_url=None, lifespan=lifespan, routes=routes, telemetry=OFF
    )
    app.state.products = products
    app.add_exception_handler(RequestValidationError, bad_input)
    add_method_rules(app)
    # TODO bodies: Refuse bodies that are too large
    return app
