"""What the OpenAPI document says of the guard: which proofs it takes, and how it refuses."""

from typing import Any

from fastapi import FastAPI

from lesson03_middleware_logging.documentation import CONTENT
from lesson07_jwt_auth import cookies
from lesson07_jwt_auth.descriptions import NOT_ALLOWED, NOT_LOGGED_IN

SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "session": {"type": "apiKey", "in": "cookie", "name": cookies.NAME},
}


def say_guarded(document: dict[str, Any]) -> None:
    """Give every operation of the API in an OpenAPI document the guard's proofs and refusals."""
    document["components"]["securitySchemes"] = SCHEMES
    for path, operations in document["paths"].items():
        if path.startswith("/api/"):
            for operation in operations.values():
                operation["security"] = [{name: []} for name in SCHEMES]
                for status, response in (NOT_LOGGED_IN | NOT_ALLOWED).items():
                    operation["responses"][str(status)] = {**response, "content": CONTENT}


def document_guard(app: FastAPI) -> None:
    """Make the app's document tell the truth about the guard; /docs then has a button to log in."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        document = original()
        say_guarded(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
