"""What the OpenAPI document says beyond what FastAPI reads off the functions."""

from typing import Any

from lesson01_rest_crud.errors import BadInput, Refusal

Responses = dict[int | str, dict[str, Any]]

# TODO docs: Documentation that tells the truth
BAD_INPUT: Responses = {}
NOT_FOUND: Responses = {}
TOO_LARGE: Responses = {}
CREATED: Responses = {}
LISTED: Responses = {}
