"""What is kept in Redis for one product."""

from decimal import Decimal

from pydantic import BaseModel, ValidationError

from lesson01_rest_crud.models import Product


class Kept(BaseModel):
    """A product in an entry. Its price is written as text, ``"19.99"``: no binary float comes near it."""

    name: str
    price: Decimal


class Entry(BaseModel):
    """What was known of the product ``id`` in an epoch; ``product`` is None when there was none of that id."""

    id: int
    epoch: str
    product: Kept | None

    @classmethod
    def of(cls, product_id: int, epoch: str, product: Product | None) -> "Entry":
        """The entry that says this of a product."""
        kept = Kept(name=product.name, price=product.price) if product else None
        return cls(id=product_id, epoch=epoch, product=kept)

    def said(self) -> Product | None:
        """The product that the entry speaks of."""
        return Product(id=self.id, name=self.product.name, price=self.product.price) if self.product else None

    def is_of(self, epoch: str) -> bool:
        """Whether the entry was made in this epoch; what is older may have missed a write."""
        # TODO outage: Redis goes away and comes back
        return True


def read(content: bytes, product_id: int) -> Entry | None:
    """The entry of that product in a content of Redis; None when it is none."""
    # TODO garbage: Believe nothing that you read
    return Entry.model_validate_json(content)
