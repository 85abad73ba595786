"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from lesson01_rest_crud.descriptions import Responses

CHALLENGE = {"WWW-Authenticate": {"description": "How to prove who you are", "schema": {"type": "string"}}}
NOT_LOGGED_IN: Responses = {
    401: {"description": "Nobody has logged in, or the proof is not good", "headers": CHALLENGE}
}
NOT_ALLOWED: Responses = {403: {"description": "Not for this role, or not from this page"}}
WRONG_LOGIN: Responses = {401: {"description": "No account has this address and this password", "headers": CHALLENGE}}
BAD_REFRESH: Responses = {401: {"description": "The refresh token is not the last one", "headers": CHALLENGE}}
TOO_MANY: Responses = {
    429: {
        "description": "Too many wrong passwords",
        "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
    }
}
