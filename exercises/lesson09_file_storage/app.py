"""The app, put together from its parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.bodies import LARGEST_BODY
from lesson01_rest_crud.methods import add_method_rules
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson09_file_storage.errors import add_error_answers
from lesson09_file_storage.files import Files
from lesson09_file_storage.forms import RoomForFiles
from lesson09_file_storage.routes import UPLOAD_PATH, router
from lesson09_file_storage.uploads import Uploads


def create_app(files: Files, uploads: Uploads) -> FastAPI:
    """The API over files and uploads; while the app lives, uploads that nobody completes are removed."""

    @asynccontextmanager
    async def kept_clean(_: FastAPI) -> AsyncIterator[None]:
        cleaning = asyncio.create_task(uploads.keep_clean())
        yield
        cleaning.cancel()
        with suppress(asyncio.CancelledError):
            await cleaning

    app = FastAPIOffline(title="Files", version="1.0.0", redoc_url=None, lifespan=kept_clean)
    app.state.files = files
    app.state.uploads = uploads
    app.include_router(router)
    add_error_answers(app)
    add_method_rules(app)
    # TODO receive: Take a file, and no more than that
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app
