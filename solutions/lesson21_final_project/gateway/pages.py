"""The page, and all that it is made of: nothing comes from any other machine."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

import lesson12_websockets

STATIC = Path(__file__).parents[1] / "static"
VENDOR = Path(lesson12_websockets.__file__).parent / "static" / "vendor"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter()
files = StaticFiles(directory=STATIC)
# Socket.IO's client for browsers.
vendored = StaticFiles(directory=VENDOR)


@router.get("/")
async def page() -> FileResponse:
    """The page."""
    return FileResponse(STATIC / "index.html", headers=HEADERS)
