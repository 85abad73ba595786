"""The API: HTTP on one side, a repository on the other."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from lesson01_rest_crud.descriptions import BAD_INPUT, CREATED, LISTED, NOT_FOUND, TOO_LARGE
from lesson01_rest_crud.models import Product, ProductChanges, ProductDraft
from lesson01_rest_crud.repository import ProductRepository

LARGEST_ID = 2**63 - 1

router = APIRouter()


def products_of(request: Request) -> ProductRepository:
    """The repository that the composition root gave to the app."""
    # A dependency (Depends) would give the same, and make a read a tenth slower.
    repository: ProductRepository = request.app.state.products
    return repository


ProductId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


def found(product: Product | None) -> Product:
    """The product itself; a 404 if there is none."""
    # --8<-- [start:read]
    if product is None:
        raise HTTPException(404, "there is no product of that id")
    return product
    # --8<-- [end:read]


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    # --8<-- [start:health]
    return {"status": "ok"}
    # --8<-- [end:health]


@router.post("/api/products", status_code=201, responses=CREATED | BAD_INPUT | TOO_LARGE)
async def create_product(draft: ProductDraft, request: Request, response: Response) -> Product:
    """Store a draft under a new id; the answer's Location points at it."""
    # --8<-- [start:create]
    product = await products_of(request).add(draft)
    response.headers["Location"] = f"/api/products/{product.id}"
    return product
    # --8<-- [end:create]


@router.get("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT)
async def read_product(product_id: ProductId, request: Request) -> Product:
    """One product."""
    # --8<-- [start:read]
    return found(await products_of(request).get(product_id))
    # --8<-- [end:read]


@router.get("/api/products", responses=LISTED | BAD_INPUT)
async def list_products(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> list[Product]:
    """One page of the products, by id; the header X-Total-Count tells how many there are in all."""
    # --8<-- [start:list]
    page, total = await products_of(request).page(limit, offset)
    response.headers["X-Total-Count"] = str(total)
    return page
    # --8<-- [end:list]


@router.put("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT | TOO_LARGE)
async def replace_product(product_id: ProductId, draft: ProductDraft, request: Request) -> Product:
    """Put a whole new product in the place of an old one; its id stays."""
    # --8<-- [start:replace]
    return found(await products_of(request).change(product_id, draft.model_dump()))
    # --8<-- [end:replace]


@router.patch("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT | TOO_LARGE)
async def patch_product(product_id: ProductId, changes: ProductChanges, request: Request) -> Product:
    """Change the fields that the body names, and no other."""
    # --8<-- [start:patch]
    return found(await products_of(request).change(product_id, changes.model_dump(exclude_unset=True)))
    # --8<-- [end:patch]


@router.delete("/api/products/{product_id}", status_code=204, responses=NOT_FOUND | BAD_INPUT)
async def delete_product(product_id: ProductId, request: Request) -> None:
    """Forget a product; its id is never given out again."""
    # --8<-- [start:delete]
    if not await products_of(request).remove(product_id):
        raise HTTPException(404, "there is no product of that id")
    # --8<-- [end:delete]
