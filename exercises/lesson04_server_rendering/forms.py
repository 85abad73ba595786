"""The form for a new product: what was typed, and what is wrong with it."""

from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.datastructures import FormData

from lesson01_rest_crud.models import ProductDraft
from lesson04_server_rendering.prices import typed_price


def text_of(sent: FormData, name: str) -> str:
    """The text of a field; empty if the field was not sent."""
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class ProductForm:
    """What a person typed, and the names of the fields that make no sense."""

    name: str = ""
    price: str = ""
    errors: frozenset[str] = field(default_factory=frozenset)


def read_form(sent: FormData) -> ProductDraft | ProductForm:
    """The product that a form describes, or else the form, to be filled in again."""
    name, price = text_of(sent, "name"), text_of(sent, "price")
    # TODO messages: Say what is wrong, where it is wrong
    return ProductDraft.model_validate({"name": name, "price": typed_price(price)})
