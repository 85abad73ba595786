"""Lesson 4's promises, kept with Flask: its signed session holds the form's token, werkzeug chooses the language."""

import hmac
import os
import secrets
import signal
import sys
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import islice
from typing import Any

from babel.numbers import format_currency
from flask import Flask, Response, abort, jsonify, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server
from wording import WORDS

LARGEST_ID = 2**63 - 1
PAGE_LENGTH = 10
POLICY = (
    "default-src 'self'; object-src 'none'; script-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
STYLE = "body { max-width: 40rem; margin: 1rem auto; padding: 1rem; font: 1.1rem/1.5 sans-serif; }\n"

app = Flask(__name__, static_folder=None)
app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Strict", MAX_CONTENT_LENGTH=1_000_000)
products: dict[int, dict[str, Any]] = {}


def language() -> str:
    """What the reader would like to read."""
    wanted = [(tag.lower(), quality) for tag, quality in request.accept_languages if quality > 0]
    for tag, _ in wanted:
        if tag == "*" or tag.split("-")[0] in WORDS:
            return "en" if tag == "*" else tag.split("-")[0]
    return "en"


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page with the headers that all of them have."""
    chosen = language()
    answer = make_response(render_template(template, words=WORDS[chosen], lang=chosen, **values), status)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Language"] = chosen
    answer.vary.update(["Accept-Language", "Accept"])
    return answer


def revalidated(answer: Response) -> Response:
    """The answer, or 304 to whoever has it."""
    answer.cache_control.no_cache = True
    answer.set_etag(sha256(answer.get_data()).hexdigest(), weak=True)
    return answer.make_conditional(request)


@app.template_filter()
def price(amount: Decimal, lang: str) -> str:
    """An amount as the language writes it."""
    return format_currency(amount, "EUR", locale=lang)


def token() -> str:
    """The form token of this session, which Flask signs as a whole."""
    return str(session.setdefault("token", secrets.token_hex()))


def add(name: str, amount: Decimal) -> dict[str, Any]:
    """Store a product; nothing is ever deleted, so the number of products counts the ids."""
    product = {"id": len(products) + 1, "name": name, "price": amount}
    products[len(products) + 1] = product
    return product


def checked(name: Any, amount: Any) -> dict[str, str]:
    """What is wrong with a name or an amount, by field."""
    wrong = {}
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 200:
        wrong["name"] = "has 1 to 200 characters"
    if not isinstance(amount, Decimal) or not 0 <= amount < 10**10 or amount != round(amount, 2):
        wrong["price"] = "is zero or more, with at most two decimals"
    return wrong


def typed_amount(text: str) -> Decimal | None:
    """What was typed as a price, with a point or a comma; None if it is none."""
    whole, _, cents = text.strip().replace(",", ".").partition(".")
    digits = whole + cents
    if not (digits.isascii() and digits.isdigit() and whole) or len(cents) > 2 or text.strip()[-1] in ".,":
        return None
    return Decimal(f"{whole}.{cents or 0}")


def number(text: str, highest: int = LARGEST_ID) -> int:
    """A whole number from 1 on; raises 404."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or not 1 <= int(text) <= highest:
        abort(404)
    return int(text)


def product_of(text: str) -> dict[str, Any]:
    """The product of an id; raises 404."""
    return products.get(number(text)) or abort(404)


@app.get("/health")
def health() -> ResponseReturnValue:
    """Tell that it can serve."""
    return jsonify(status="ok")


@app.get("/style.css")
def style() -> ResponseReturnValue:
    """The style sheet."""
    answer = Response(STYLE, mimetype="text/css", headers={"Cache-Control": "public, max-age=86400"})
    answer.add_etag()
    return answer.make_conditional(request)


@app.get("/")
def index() -> ResponseReturnValue:
    """Ten products."""
    here = number(request.args.get("page", "1"), 10**9)
    start = (here - 1) * PAGE_LENGTH
    shown = list(islice(products.values(), start, start + PAGE_LENGTH))
    more = start + PAGE_LENGTH < len(products)
    return revalidated(page("list.html", shown=shown, here=here, more=more))


@app.get("/products/new")
def empty_form() -> ResponseReturnValue:
    """The form."""
    return form_page(200, {}, {})


def form_page(status: int, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    """The form, for one browser only."""
    answer = page("form.html", status, typed=typed, wrong=wrong, token=token())
    answer.cache_control.no_store = True
    return answer


@app.post("/products/new")
def send_form() -> ResponseReturnValue:
    """Store what was typed."""
    known, sent = session.get("token", ""), request.form.get("token", "")
    if not known or not hmac.compare_digest(known.encode(), sent.encode()):
        abort(403)
    typed = {name: request.form.get(name, "") for name in ("name", "price")}
    amount = typed_amount(typed["price"])
    wrong = checked(typed["name"], amount)
    if wrong or amount is None:
        return form_page(422, typed, wrong)
    return redirect(f"/products/{add(typed['name'].strip(), amount)['id']}", 303)


@app.get("/products/<product_id>")
def show(product_id: str) -> ResponseReturnValue:
    """One product."""
    return revalidated(page("one.html", product=product_of(product_id)))


def as_json(product: dict[str, Any]) -> dict[str, Any]:
    """A product as it goes over the wire."""
    return {**product, "price": float(product["price"])}


def body() -> dict[str, Any]:
    """The JSON object that was sent, its price exact; raises 400."""
    sent = request.get_json()
    if not isinstance(sent, dict):
        abort(400)
    try:
        return {**sent, **({"price": Decimal(str(sent["price"]))} if "price" in sent else {})}
    except InvalidOperation:
        abort(400)


@app.get("/api/products")
def api_list() -> ResponseReturnValue:
    """The first products, and how many there are."""
    return jsonify([as_json(one) for one in islice(products.values(), 20)]), 200, {"X-Total-Count": str(len(products))}


@app.post("/api/products")
def api_create() -> ResponseReturnValue:
    """Create a product."""
    sent = body()
    if checked(sent.get("name"), sent.get("price")):
        abort(422)
    product = add(sent["name"].strip(), sent["price"])
    return jsonify(as_json(product)), 201, {"Location": f"/api/products/{product['id']}"}


@app.get("/api/products/<product_id>")
def api_read(product_id: str) -> ResponseReturnValue:
    """One product."""
    return jsonify(as_json(product_of(product_id)))


@app.patch("/api/products/<product_id>")
def api_change(product_id: str) -> ResponseReturnValue:
    """Change some of its fields."""
    product = product_of(product_id)
    changed = {**product, **body(), "id": product["id"]}
    if checked(changed["name"], changed["price"]):
        abort(422)
    product.update(changed)
    return jsonify(as_json(product))


@app.errorhandler(HTTPException)
def refuse(error: HTTPException) -> ResponseReturnValue:
    """Tell of an error: a page for people, a problem for programs."""
    status = error.code or 500
    if "text/html" in request.headers.get("Accept", ""):
        return page("error.html", status)
    answer = jsonify(type="about:blank", title=error.name, status=status, detail=error.description)
    answer.mimetype = "application/problem+json"
    return answer, status


def serve() -> None:
    """Serve until SIGTERM."""
    app.secret_key = os.environ.get("SESSION_SECRET", "")
    if len(app.secret_key) < 32:
        print("SESSION_SECRET needs 32 characters", file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True).serve_forever()


serve()
