"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from lesson01_rest_crud.descriptions import Responses

GONE: Responses = {
    503: {
        "description": "The database cannot be reached",
        "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
    }
}
NO_ORDER: Responses = {404: {"description": "No such order"}}
OUT_OF_STOCK: Responses = {409: {"description": "There is less in stock than the order wants"}}
PLACED: Responses = {
    201: {"headers": {"Location": {"description": "Where the new order is", "schema": {"type": "string"}}}}
}
LISTED: Responses = {
    200: {"headers": {"Link": {"description": "The next page, as rel=next (RFC 8288)", "schema": {"type": "string"}}}}
}
