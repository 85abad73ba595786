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
    # starter: return Parameters.model_validate(given)
    # --8<-- [start:http]
    try:
        return Parameters.model_validate(given)
    except ValidationError as error:
        wrong = [".".join(map(str, problem["loc"])) or "the request" for problem in error.errors()]
        raise Refused(422, BAD_REQUEST, *(f"{name} is missing or of the wrong type" for name in wrong)) from None
    # --8<-- [end:http]


async def posted(request: Request) -> Parameters:
    """What a POST asks for; raises ``Refused``, and a 415 for what is no JSON in UTF-8."""
    # starter: return Parameters.model_validate(await request.json())
    # --8<-- [start:http]
    media, options = parse_options_header(request.headers.get("content-type"))
    if media != JSON.encode() or options.get(b"charset", b"").lower() not in UNICODE:
        raise HTTPException(415, f"a body of {JSON} in UTF-8 is due")
    try:
        given = from_json(await request.body(), allow_inf_nan=False)
    except ValueError as error:
        raise Refused(400, BAD_REQUEST, f"the body is no JSON: {error}") from None
    return well_formed(given)
    # --8<-- [end:http]


def asked(query: Mapping[str, str]) -> Parameters:
    """What a GET asks for; an empty text is as good as none. Raises ``Refused``."""
    # --8<-- [start:http]
    given: dict[str, Any] = {name: text for name, text in query.items() if text or name == "query"}
    for name in {"variables", "extensions"} & given.keys():
        try:
            given[name] = from_json(given[name], allow_inf_nan=False)
        except ValueError as error:
            raise Refused(422, BAD_REQUEST, f"{name} is no JSON: {error}") from None
    return well_formed(given)
    # --8<-- [end:http]


def permit(operation: Operation, method: str) -> None:
    """Raise ``Refused`` for an operation that HTTP, or this method of it, is not meant for."""
    # starter: return
    # --8<-- [start:http]
    if operation.kind is OperationType.SUBSCRIPTION:
        raise Refused(422, BAD_REQUEST, "subscriptions go over WebSocket, graphql-transport-ws")
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise Refused(405, METHOD_NOT_ALLOWED, "a GET changes nothing: send mutations by POST")
    # --8<-- [end:http]


def status_of(response: dict[str, Any]) -> int:
    """The status of what was executed; takes ``data`` out of a response that has none for want of the database."""
    # starter:
    # --8<-- [start:outage]
    if response["data"] is None and has_code(response["errors"], SERVICE_UNAVAILABLE):
        del response["data"]
        return 503
    # --8<-- [end:outage]
    # starter: return 200
    # --8<-- [start:http]
    return PARTIAL_SUCCESS if "errors" in response else 200
    # --8<-- [end:http]


def answer(media: str, status: int, response: dict[str, Any]) -> Response:
    """The answer that carries a response (section 6)."""
    # starter: return JSONResponse(response, status)
    # --8<-- [start:http]
    if media == JSON and status == PARTIAL_SUCCESS:
        status = 200
    headers = {405: {"Allow": "POST"}, 503: {"Retry-After": str(RETRY_AFTER_S)}}.get(status, {})
    # Only an answer in GraphQL's own media type may be told from one that a proxy has made up.
    kind = media if status < 300 else RESPONSE
    return JSONResponse(response, status, {**headers, "Vary": "Accept"}, f"{kind}; charset=utf-8")
    # --8<-- [end:http]


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
