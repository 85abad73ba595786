"""What goes over the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from lesson01_rest_crud.models import Price

MOST_ROUNDS = 2_000_000


class Quote(BaseModel):
    """What one supplier asks for a product."""

    supplier: str
    price: Price


class Missing(BaseModel):
    """A supplier of whom there is no quote, and why."""

    supplier: str
    reason: str


class Quotes(BaseModel):
    """What became of asking all suppliers; each of them is in one of the two lists."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    product_id: int
    quotes: list[Quote]
    missing: list[Missing]


class Offer(BaseModel):
    """What a supplier answers, as far as we care."""

    price: Price


class ReceiptDraft(BaseModel):
    """What a receipt shall say, and how hard its seal shall be to forge."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS, strict=True)]


class Receipt(ReceiptDraft):
    """A receipt with its seal, in hexadecimal digits."""

    seal: str
