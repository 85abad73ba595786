"""What the OpenAPI document says of errors: all of them are problems."""

from typing import Any

from fastapi import FastAPI

from lesson03_middleware_logging.problems import MEDIA_TYPE, Problem

REFERENCE = "#/components/schemas/{model}"
CONTENT = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}


def say_problems(document: dict[str, Any]) -> None:
    """Give every answer of 400 and above in an OpenAPI document the content of a problem."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = Problem.model_json_schema(ref_template=REFERENCE)
    schemas.update(schema.pop("$defs"), Problem=schema)
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    response["content"] = CONTENT


def document_problems(app: FastAPI) -> None:
    """Make the app's document tell the truth about its errors (https://fastapi.tiangolo.com/how-to/extending-openapi)."""
    # starter:
    # --8<-- [start:problems]
    original = app.openapi

    def openapi() -> dict[str, Any]:
        document = original()
        say_problems(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    # --8<-- [end:problems]
