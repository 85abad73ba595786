"""What a client is told when something cannot be done: lesson03's problems, over HTTP and in acknowledgements."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from lesson03_middleware_logging.problems import MEDIA_TYPE, Problem
from lesson12_websockets.payloads import Refused


def refusal(refused: Refused) -> dict[str, Any]:
    """The acknowledgement of an event that was not done."""
    title = HTTPStatus(refused.status).phrase
    problem = Problem(title=title, status=refused.status, detail=refused.detail, errors=refused.errors)
    return {"error": problem.model_dump(exclude_none=True)}


def answer(error: HTTPException) -> Response:
    """Answer an HTTP request with a problem (RFC 9457); headers such as Allow stay."""
    status = error.code or 500
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=error.description or error.name)
    kept = [(name, value) for name, value in error.get_headers() if name.lower() != "content-type"]
    return Response(problem.model_dump_json(exclude_none=True), status, kept, content_type=MEDIA_TYPE)


def add_problems(app: Flask) -> None:
    """Make problems of all errors that Flask answers with."""
    app.register_error_handler(HTTPException, answer)
