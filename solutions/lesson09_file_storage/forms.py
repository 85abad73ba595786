"""The file in a form (RFC 7578), taken piece by piece."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_FORM = LARGEST_FILE + 64 * 1024
FIELD = "file"


class RoomForFiles:
    """Lets one path have larger bodies than the limit around it allows to all."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app = app
        self.roomy = RequestBodyLimitMiddleware(app, LARGEST_FORM)
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (https://asgi.readthedocs.io)."""
        app = self.roomy if scope["type"] == "http" and scope["path"] == self.path else self.app
        await app(scope, receive, send)


@asynccontextmanager
async def uploaded_file(request: Request) -> AsyncIterator[UploadFile]:
    """The one file of a form, on disk as soon as it is over a megabyte; gone when the context ends.

    Raises ``HTTPException``: 400 when there is none or it is empty, 413 when it is too large.
    """
    # starter: raise NotImplementedError("receive")
    # starter: yield
    # --8<-- [start:receive]
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            raise HTTPException(400, f"a multipart form with a file in the field {FIELD!r} is due")
        if not file.size:
            raise HTTPException(400, "the file is empty")
        if file.size > LARGEST_FILE:
            raise HTTPException(413, f"a file has at most {LARGEST_FILE} bytes")
        yield file
    # --8<-- [end:receive]
