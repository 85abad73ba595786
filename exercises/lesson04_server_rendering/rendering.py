"""From templates to pages."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from lesson04_server_rendering.languages import choose
from lesson04_server_rendering.prices import format_price
from lesson04_server_rendering.stylesheet import URL
from lesson04_server_rendering.texts import TEXTS

TEMPLATES = PackageLoader("lesson04_server_rendering")

environment = Environment(loader=TEMPLATES, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
# TODO escape: Text stays text
environment.filters["price"] = format_price
environment.globals["stylesheet"] = URL

# TODO policy: Tell the browser what it may do
SECURITY: dict[str, str] = {}


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language, with the headers that every page has."""
    language = choose(", ".join(request.headers.getlist("accept-language")))
    html = environment.get_template(template).render(language=language, text=TEXTS[language], **values)
    answer = HTMLResponse(html, status, SECURITY)
    # TODO language: In the reader's language
    return answer
