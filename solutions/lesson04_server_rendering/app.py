"""The app: lesson01's API for programs, pages for people, and lesson03's log of both."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr
from starlette.exceptions import HTTPException

from lesson01_rest_crud import app as lesson01
from lesson01_rest_crud.repository import ProductRepository
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson04_server_rendering import pages, stylesheet
from lesson04_server_rendering.failures import bad_input, refused


def create_app(products: ProductRepository, secret: SecretStr) -> FastAPI:
    """The shop over any storage of products; ``secret`` is what form tokens are made with."""
    app = lesson01.create_app(products)
    app.state.secret = secret
    app.include_router(pages.router)
    app.include_router(stylesheet.router)
    add_middleware_and_logging(app)
    # After lesson03's: the handler that is added last is the one that is asked.
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, bad_input)
    return app
