"""GraphQL over HTTP (https://http-spec.graphql.org/September2026/), and the WebSocket at the same path."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from graphql import OperationType
from pydantic import ValidationError
from pydantic_core import from_json
from python_multipart.multipart import parse_options_header

from lesson01_rest_crud.routes import health
from lesson05_postgresql.errors import RETRY_AFTER_S
from lesson11_graphql.errors import BAD_REQUEST, METHOD_NOT_ALLOWED, SERVICE_UNAVAILABLE, Refused, has_code
from lesson11_graphql.negotiation import JSON, RESPONSE, chosen
from lesson11_graphql.operations import Operation, Operations
from lesson11_graphql.parameters import Parameters
from lesson11_graphql.sockets import Sockets

PARTIAL_SUCCESS = 294
UNICODE = (b"", b"utf-8", b"utf8")

router = APIRouter()
router.add_api_route("/health", health)


def media_type_for(request: Request) -> str:
    """The media type of the answer; raises a 406 when the client can read none of ours."""
    media = chosen(request.headers.get("accept"))
    if media is None:
        raise HTTPException(406, f"answers are {RESPONSE} or {JSON}")
    return media


def well_formed(given: Any) -> Parameters:
    """The request in what was given; raises ``Refused``, also for a list of requests."""
    # TODO http: Speak GraphQL over HTTP
    return Parameters.model_validate(given)


async def posted(request: Request) -> Parameters:
    """What a POST asks for; raises ``Refused``, and a 415 for what is no JSON in UTF-8."""
    # TODO http: Speak GraphQL over HTTP
    return Parameters.model_validate(await request.json())


def asked(query: Mapping[str, str]) -> Parameters:
    """What a GET asks for; an empty text is as good as none. Raises ``Refused``."""
    # TODO http: Speak GraphQL over HTTP
    raise NotImplementedError("http")


def permit(operation: Operation, method: str) -> None:
    """Raise ``Refused`` for an operation that HTTP, or this method of it, is not meant for."""
    # TODO http: Speak GraphQL over HTTP
    return


def status_of(response: dict[str, Any]) -> int:
    """The status of what was executed; takes ``data`` out of a response that has none for want of the database."""
    # TODO outage: The database goes away and comes back
    # TODO http: Speak GraphQL over HTTP
    return 200


def answer(media: str, status: int, response: dict[str, Any]) -> Response:
    """The answer that carries a response (section 6)."""
    # TODO http: Speak GraphQL over HTTP
    return JSONResponse(response, status)


@router.get("/graphql")
@router.post("/graphql")
async def graphql(request: Request) -> Response:
    """Execute what is asked for."""
    media = media_type_for(request)
    operations: Operations[Any] = request.app.state.operations
    try:
        parameters = await posted(request) if request.method == "POST" else asked(request.query_params)
        operation = operations.admit(parameters)
        permit(operation, request.method)
        response = await operations.execute(operation)
        return answer(media, status_of(response), response)
    except Refused as refused:
        return answer(media, refused.status, {"errors": refused.errors})


@router.websocket("/graphql")
async def graphql_over_websocket(websocket: WebSocket) -> None:
    """Subscriptions, and whatever else a client wants to send this way."""
    sockets: Sockets = websocket.app.state.sockets
    await sockets.handle(websocket.scope, websocket.receive, websocket.send)
