"""Lesson 1's promises, kept with Starlette alone."""

import html
import json
import os
import signal
import sys
from itertools import count, islice
from typing import Any

import uvicorn
from openapi import DOCUMENT, LARGEST_INTEGER
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from validation import FIELDS, BadInput, product_fields, whole

LARGEST_BODY = 1_000_000

products: dict[int, dict[str, Any]] = {}
ids = count(1)


class Resource(HTTPEndpoint):
    """Starlette answers HEAD by ``get``, and other methods by 405 with Allow; OPTIONS is left to us."""

    async def options(self, request: Request) -> Response:
        """Tell what is allowed."""
        return Response(status_code=204, headers={"Allow": ", ".join(self._allowed_methods)})


class Health(Resource):
    """Whether the process can serve."""

    async def get(self, request: Request) -> Response:
        """It can."""
        return JSONResponse({"status": "ok"})


class Products(Resource):
    """All products."""

    async def get(self, request: Request) -> Response:
        """One page of them, by id."""
        limit = whole(request.query_params.get("limit", "20"), "limit", 1, 100)
        offset = whole(request.query_params.get("offset", "0"), "offset", 0, LARGEST_INTEGER)
        page = [as_json(product) for product in islice(products.values(), offset, offset + limit)]
        return JSONResponse(page, headers={"X-Total-Count": str(len(products))})

    async def post(self, request: Request) -> Response:
        """Create one."""
        fields = product_fields(await body_of(request), required=FIELDS.keys())
        product = {"id": next(ids), **fields}
        products[product["id"]] = product
        return JSONResponse(as_json(product), 201, {"Location": f"/api/products/{product['id']}"})


class OneProduct(Resource):
    """The product that the path names."""

    async def get(self, request: Request) -> Response:
        """Read it."""
        return JSONResponse(as_json(product_of(request)))

    async def put(self, request: Request) -> Response:
        """Replace all but its id."""
        return await change(request, required=FIELDS.keys())

    async def patch(self, request: Request) -> Response:
        """Change the fields that the body names."""
        return await change(request, required=set())

    async def delete(self, request: Request) -> Response:
        """Forget it."""
        del products[product_of(request)["id"]]
        return Response(status_code=204)


class OpenAPI(Resource):
    """The description of all this, for programs."""

    async def get(self, request: Request) -> Response:
        """The OpenAPI document."""
        return JSONResponse(DOCUMENT)


class Docs(Resource):
    """The description of all this, for people."""

    async def get(self, request: Request) -> Response:
        """The OpenAPI document as a page."""
        title = html.escape(DOCUMENT["info"]["title"])
        page = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>'
        for path, described in DOCUMENT["paths"].items():
            page += f"<h2>{html.escape(path)}</h2><pre>{html.escape(json.dumps(described, indent=2))}</pre>"
        return HTMLResponse(page)


def as_json(product: dict[str, Any]) -> dict[str, Any]:
    """A product as it goes over the wire: twelve digits survive as a binary float."""
    return {**product, "price": float(product["price"])}


def product_of(request: Request) -> dict[str, Any]:
    """The product that the path names; raises 404."""
    number = whole(request.path_params["id"], "id", 1, LARGEST_INTEGER)
    if number not in products:
        raise HTTPException(404, "there is no product of that id")
    return products[number]


async def change(request: Request, required: Any) -> Response:
    """Set what the body says of a product, all of it or nothing."""
    fields = product_fields(await body_of(request), required)
    product = product_of(request)
    product.update(fields)
    return JSONResponse(as_json(product))


async def body_of(request: Request) -> bytes:
    """The body, counted as it comes: Content-Length can be missing."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "the body is over 1 MB")
    return bytes(body)


async def refuse(request: Request, error: Exception) -> Response:
    """Answer 422 with what is wrong."""
    assert isinstance(error, BadInput)
    # In ASCII, because the name of an unknown field can be text that no encoding knows, such as half a surrogate pair.
    return Response(json.dumps({"errors": error.errors}), 422, media_type="application/json")


def port() -> int:
    """The port to serve at; without a good one there is nothing to do here."""
    try:
        return whole(os.environ.get("PORT", ""), "PORT", 1, 65535)
    except BadInput as error:
        print(f"PORT {error.errors['PORT']}", file=sys.stderr)
        sys.exit(2)


app = Starlette(
    routes=[
        Route("/health", Health),
        Route("/api/products", Products),
        Route("/api/products/{id}", OneProduct),
        Route("/openapi.json", OpenAPI),
        Route("/docs", Docs),
    ],
    exception_handlers={BadInput: refuse},
)

for number in (signal.SIGTERM, signal.SIGINT):
    # uvicorn raises the signal again after its shutdown, which would make the exit status that of a failure.
    signal.signal(number, lambda *_: None)
uvicorn.run(app, port=port(), log_level="warning", timeout_graceful_shutdown=10)
