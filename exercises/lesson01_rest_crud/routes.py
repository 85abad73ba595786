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
    # TODO read: Read one product
    raise NotImplementedError("read")


@router.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process can serve."""
    return {"status": "ok"}


@router.post("/api/products", status_code=201, responses=CREATED | BAD_INPUT | TOO_LARGE)
async def create_product(draft: ProductDraft, request: Request, response: Response) -> Product:
    """Store a draft under a new id; the answer's Location points at it."""
    # TODO create: Create a product
    raise NotImplementedError("create")


@router.get("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT)
async def read_product(product_id: ProductId, request: Request) -> Product:
    """One product."""
    # TODO read: Read one product
    raise NotImplementedError("read")


@router.get("/api/products", responses=LISTED | BAD_INPUT)
async def list_products(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> list[Product]:
    """One page of the products, by id; the header X-Total-Count tells how many there are in all."""
    # TODO list: List products, a page at a time
    raise NotImplementedError("list")


@router.put("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT | TOO_LARGE)
async def replace_product(product_id: ProductId, draft: ProductDraft, request: Request) -> Product:
    """Put a whole new product in the place of an old one; its id stays."""
    # TODO replace: Replace a product
    raise NotImplementedError("replace")


@router.patch("/api/products/{product_id}", responses=NOT_FOUND | BAD_INPUT | TOO_LARGE)
async def patch_product(product_id: ProductId, changes: ProductChanges, request: Request) -> Product:
    """Change the fields that the body names, and no other."""
    # TODO patch: Change a part of a product
    raise NotImplementedError("patch")


@router.delete("/api/products/{product_id}", status_code=204, responses=NOT_FOUND | BAD_INPUT)
async def delete_product(product_id: ProductId, request: Request) -> None:
    """Forget a product; its id is never given out again."""
    # TODO delete: Delete a product
    raise NotImplementedError("delete")
