"""Prices as people write and read them. The shop takes euros."""

import re
from decimal import Decimal

from babel.numbers import format_currency

CURRENCY = "EUR"
TYPED = re.compile(r"[0-9]{1,10}(?:[.,][0-9]{1,2})?")


def format_price(price: Decimal, language: str) -> str:
    """A price as readers of the language expect it: €1,234.50 or 1.234,50 €."""
    # TODO language: In the reader's language
    return f"{price:.2f} {CURRENCY}"


def typed_price(text: str) -> Decimal | None:
    """What a person typed, with a point or a comma before the cents; None if it is no price.

    Points between thousands are not taken: 1.234 is about one to some readers, and over a thousand to others.
    """
    # TODO form: A form, and where it leads
    raise NotImplementedError("form")
