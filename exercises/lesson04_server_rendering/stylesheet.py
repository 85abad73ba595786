"""The one style sheet of all pages, from our own host."""

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

from lesson04_server_rendering.caching import conditional

CSS = (Path(__file__).parent / "static" / "shop.css").read_bytes()
PATH = "/static/shop.css"
# Whoever has a copy keeps it for a year: a changed style sheet has another URL.
URL = f"{PATH}?v={sha256(CSS).hexdigest()[:12]}"
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def stylesheet(request: Request) -> Response:
    """The style sheet."""
    return conditional(request, Response(CSS, media_type="text/css", headers=FOR_A_YEAR))
