"""The app of lesson01, with a trace of every request and errors in one format."""

from fastapi import FastAPI

from lesson01_rest_crud import app as lesson01
from lesson01_rest_crud.repository import ProductRepository
from lesson03_middleware_logging.documentation import document_problems
from lesson03_middleware_logging.plain_errors import PlainErrorsAsProblems
from lesson03_middleware_logging.problems import add_problems
from lesson03_middleware_logging.request_log import RequestLog
from lesson03_middleware_logging.routes import router


def add_middleware_and_logging(app: FastAPI) -> None:
    """Make any app log its requests and tell its errors as problems; call it when all other middleware is added."""
    add_problems(app)
    document_problems(app)
    app.add_middleware(PlainErrorsAsProblems)
    # The last that is added is the outermost: it sees what the others do.
    app.add_middleware(RequestLog)


def create_app(products: ProductRepository) -> FastAPI:
    """The shop's API over any storage of products."""
    app = lesson01.create_app(products)
    app.include_router(router)
    add_middleware_and_logging(app)
    return app
