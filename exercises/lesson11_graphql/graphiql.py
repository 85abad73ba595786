"""GraphiQL, the page to write queries on; all that it is made of comes from here."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
# The package serves Django; its files are GraphiQL's own, and need nothing but a browser.
GRAPHIQL = "graphene_django_graphiql_static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " font-src data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter()
files = StaticFiles(directory=STATIC, packages=[(GRAPHIQL, f"static/{GRAPHIQL}")])


@router.get("/graphiql")
async def graphiql() -> FileResponse:
    """The page."""
    return FileResponse(STATIC / "graphiql.html", headers=HEADERS)
