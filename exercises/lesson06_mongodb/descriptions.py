"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from lesson01_rest_crud.descriptions import Responses

GONE: Responses = {
    503: {
        "description": "The database cannot be reached",
        "headers": {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}},
    }
}
NO_USER: Responses = {404: {"description": "No such user"}}
TAKEN: Responses = {409: {"description": "There is a user of that e-mail address already"}}
