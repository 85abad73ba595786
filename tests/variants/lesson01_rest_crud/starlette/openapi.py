"""The OpenAPI document (https://spec.openapis.org/oas/v3.1.0), written by hand."""

from typing import Any

LARGEST_INTEGER = 2**63 - 1

NAME = {"type": "string", "minLength": 1, "maxLength": 200}
PRICE = {"type": "number", "minimum": 0, "maximum": 9_999_999_999.99, "description": "At most two decimals"}
ID = {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER}
FIELDS = {"name": NAME, "price": PRICE}
CHANGES = {"type": "object", "properties": FIELDS, "additionalProperties": False}
DRAFT = {**CHANGES, "required": ["name", "price"]}
PRODUCT = {"type": "object", "properties": {"id": ID, **FIELDS}, "required": ["id", "name", "price"]}
ERRORS = {"type": "object", "properties": {"errors": {"type": "object", "additionalProperties": {"type": "string"}}}}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    """A body of JSON."""
    return {"content": {"application/json": {"schema": schema}}}


def header(name: str, kind: str, description: str) -> dict[str, Any]:
    """A header of an answer."""
    return {"headers": {name: {"description": description, "schema": {"type": kind}}}}


def query(name: str, lowest: int, highest: int, default: int) -> dict[str, Any]:
    """A whole number in the query."""
    schema = {"type": "integer", "minimum": lowest, "maximum": highest, "default": default}
    return {"name": name, "in": "query", "schema": schema}


def operation(summary: str, answers: dict[str, Any], body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a method does; one that takes a body can find it too large."""
    responses = {**answers, "422": {"description": "Bad input", **content(ERRORS)}}
    if body is None:
        return {"summary": summary, "responses": responses}
    responses["413"] = {"description": "The body is over 1 MB"}
    return {"summary": summary, "requestBody": {"required": True, **content(body)}, "responses": responses}


OK = {"200": {"description": "The product", **content(PRODUCT)}}
NOT_FOUND = {"404": {"description": "No such product"}}
CREATED = {
    "201": {"description": "Created", **content(PRODUCT), **header("Location", "string", "Where the new product is")}
}
LISTED = {
    "200": {
        "description": "One page",
        **content({"type": "array", "items": PRODUCT}),
        **header("X-Total-Count", "integer", "How many there are in all"),
    }
}
DELETED = {"204": {"description": "Deleted"}}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1.0.0"},
    "paths": {
        "/health": {
            "get": {"summary": "Whether the process can serve", "responses": {"200": {"description": "It can"}}}
        },
        "/api/products": {
            "get": {
                **operation("List products by id", LISTED),
                "parameters": [query("limit", 1, 100, 20), query("offset", 0, LARGEST_INTEGER, 0)],
            },
            "post": operation("Create a product", CREATED, DRAFT),
        },
        "/api/products/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": ID}],
            "get": operation("Read a product", OK | NOT_FOUND),
            "put": operation("Replace a product", OK | NOT_FOUND, DRAFT),
            "patch": operation("Change a part of a product", OK | NOT_FOUND, CHANGES),
            "delete": operation("Delete a product", DELETED | NOT_FOUND),
        },
    },
}
