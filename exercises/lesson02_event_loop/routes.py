"""What the shop can do beyond lesson 1: HTTP on one side, suppliers and seals on the other."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from lesson01_rest_crud.descriptions import BAD_INPUT, NOT_FOUND, TOO_LARGE
from lesson01_rest_crud.routes import ProductId, found, products_of
from lesson02_event_loop.disconnect import while_connected
from lesson02_event_loop.models import Quotes, Receipt, ReceiptDraft
from lesson02_event_loop.order import order_of_events
from lesson02_event_loop.sealing import Sealer
from lesson02_event_loop.suppliers import Suppliers

router = APIRouter()


async def suppliers_of(request: Request) -> Suppliers:
    """The suppliers that the composition root gave to the app."""
    suppliers: Suppliers = request.app.state.suppliers
    return suppliers


async def sealer_of(request: Request) -> Sealer:
    """The sealer that the composition root gave to the app."""
    sealer: Sealer = request.app.state.sealer
    return sealer


TheSuppliers = Annotated[Suppliers, Depends(suppliers_of)]
TheSealer = Annotated[Sealer, Depends(sealer_of)]


@router.get("/api/order-of-events")
async def read_order_of_events() -> list[str]:
    """Three messages in the order in which the loop gets to them."""
    return await order_of_events()


@router.get("/api/products/{product_id}/quotes", responses=NOT_FOUND | BAD_INPUT)
async def read_quotes(product_id: ProductId, suppliers: TheSuppliers, request: Request) -> Quotes:
    """What every supplier asks for a product, and who said nothing of use."""
    product = found(await products_of(request).get(product_id))
    return await while_connected(request, suppliers.quotes(product.id))


@router.post("/api/receipts", responses=BAD_INPUT | TOO_LARGE)
async def create_receipt(draft: ReceiptDraft, sealer: TheSealer) -> Receipt:
    """Seal a receipt."""
    return await sealer.seal(draft)
