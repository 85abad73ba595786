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
# starter:
# --8<-- [start:escape]
environment.autoescape = True
# --8<-- [end:escape]
environment.filters["price"] = format_price
environment.globals["stylesheet"] = URL

# starter: SECURITY: dict[str, str] = {}
# --8<-- [start:policy]
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
# --8<-- [end:policy]


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language, with the headers that every page has."""
    language = choose(", ".join(request.headers.getlist("accept-language")))
    html = environment.get_template(template).render(language=language, text=TEXTS[language], **values)
    answer = HTMLResponse(html, status, SECURITY)
    # starter:
    # --8<-- [start:language]
    answer.headers["Content-Language"] = language
    answer.headers["Vary"] = "Accept-Language"
    # --8<-- [end:language]
    return answer
