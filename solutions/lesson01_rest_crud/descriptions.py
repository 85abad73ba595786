"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from typing import Any

from lesson01_rest_crud.errors import BadInput, Refusal

Responses = dict[int | str, dict[str, Any]]

# starter: BAD_INPUT: Responses = {}
# starter: NOT_FOUND: Responses = {}
# starter: TOO_LARGE: Responses = {}
# starter: CREATED: Responses = {}
# starter: LISTED: Responses = {}
# --8<-- [start:docs]
BAD_INPUT: Responses = {422: {"model": BadInput, "description": "Bad input"}}
NOT_FOUND: Responses = {404: {"model": Refusal, "description": "No such product"}}
TOO_LARGE: Responses = {413: {"description": "The body is over 1 MB"}}
CREATED: Responses = {
    201: {"headers": {"Location": {"description": "Where the new product is", "schema": {"type": "string"}}}}
}
LISTED: Responses = {
    200: {"headers": {"X-Total-Count": {"description": "How many there are in all", "schema": {"type": "integer"}}}}
}
# --8<-- [end:docs]
