"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from lesson01_rest_crud.descriptions import Responses

SIGNED_UP: Responses = {
    201: {"headers": {"Location": {"description": "Where the new user is", "schema": {"type": "string"}}}}
}
NO_USER: Responses = {404: {"description": "No such user"}}
TAKEN: Responses = {409: {"description": "There is a user of that e-mail address already"}}
