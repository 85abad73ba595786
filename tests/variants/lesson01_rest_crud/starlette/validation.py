"""What a product may be, checked by hand."""

import json
import re
from collections.abc import Callable, Set
from decimal import Decimal
from typing import Any

DEAREST = Decimal("9_999_999_999.99")


class BadInput(Exception):
    """What is wrong with a request: a message for each field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


def product_name(value: object) -> str:
    """A name without blanks around it; raises ``ValueError``."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    name = value.strip()
    if not 1 <= len(name) <= 200:
        raise ValueError("must have between 1 and 200 characters")
    if re.search(r"[\ud800-\udfff]", name):
        raise ValueError("has half a surrogate pair, which is no character")
    return name


def product_price(value: object) -> Decimal:
    """An amount of money; raises ``ValueError``."""
    # In Python a bool is an int; in JSON true is no number.
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    price = Decimal(value)
    if not 0 <= price <= DEAREST:
        raise ValueError(f"must be between 0 and {DEAREST}")
    if price != round(price, 2):
        raise ValueError("must have at most two decimals")
    return price


FIELDS: dict[str, Callable[[object], Any]] = {"name": product_name, "price": product_price}


def product_fields(body: bytes, required: Set[str]) -> dict[str, Any]:
    """The fields of a product that a body of JSON sets, of which the ``required`` are there; raises ``BadInput``."""
    sent = json_object(body)
    errors = dict.fromkeys(required - sent.keys(), "is missing")
    errors |= dict.fromkeys(sent.keys() - FIELDS.keys(), "is no field of a product")
    fields = {}
    for field in (known for known in FIELDS if known in sent):
        try:
            fields[field] = FIELDS[field](sent[field])
        except ValueError as error:
            errors[field] = str(error)
    if errors:
        raise BadInput(errors)
    return fields


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259), its fractions exact; raises ``BadInput``."""
    try:
        value = json.loads(body.decode(), parse_float=Decimal, parse_constant=no_json)
    # Decimal raises an ArithmeticError for an exponent that no machine can hold.
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadInput({"body": f"is no JSON: {error}"}) from None
    if not isinstance(value, dict):
        raise BadInput({"body": "must be a JSON object"})
    return value


def no_json(word: str) -> None:
    """Refuse NaN and Infinity, which Python's parser takes."""
    raise ValueError(f"there is no {word} in JSON")


def whole(text: str, field: str, lowest: int, highest: int) -> int:
    """A whole number written in digits, within bounds; raises ``BadInput``."""
    if not re.fullmatch("[0-9]{1,19}", text) or not lowest <= int(text) <= highest:
        raise BadInput({field: f"must be a whole number from {lowest} to {highest}"})
    return int(text)
