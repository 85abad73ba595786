"""The pages of the shop: HTML on one side, a repository on the other."""

from math import ceil
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from lesson01_rest_crud.routes import ProductId, found, products_of
from lesson04_server_rendering import csrf
from lesson04_server_rendering.caching import conditional
from lesson04_server_rendering.forms import ProductForm, read_form, text_of
from lesson04_server_rendering.rendering import page

PAGE_LENGTH = 20
LAST_PAGE = 10**9
REVALIDATE = "no-cache"
NEVER_KEEP = "no-store"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index(request: Request, number: Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)] = 1) -> Response:
    """A page of the products."""
    # TODO list: A page with all products
    raise NotImplementedError("list")
    answer.headers["Cache-Control"] = REVALIDATE
    return conditional(request, answer)


# Before /products/{product_id}: the first route that matches is taken.
@router.get("/products/new")
async def new(request: Request) -> Response:
    """The empty form."""
    return form_page(request, ProductForm())


def form_page(request: Request, form: ProductForm, status: int = 200) -> Response:
    """The form, with what was typed and what is wrong; it belongs to one browser, so nobody may keep a copy."""
    # TODO csrf: Only from our own form
    answer = page(request, "new.html", status, form=form, token="")
    answer.headers["Cache-Control"] = NEVER_KEEP
    return answer


@router.post("/products/new")
async def create(request: Request) -> Response:
    """Store what the form describes, and send the browser to it; or show the form again."""
    sent = await request.form(max_files=0, max_fields=10)
    # TODO csrf: Only from our own form
    read = read_form(sent)
    # TODO messages: Say what is wrong, where it is wrong
    assert not isinstance(read, ProductForm)
    # TODO form: A form, and where it leads
    raise NotImplementedError("form")


@router.get("/products/{product_id}")
async def show(request: Request, product_id: ProductId) -> Response:
    """One product."""
    # TODO product: A page for each product
    raise NotImplementedError("product")
    answer.headers["Cache-Control"] = REVALIDATE
    return conditional(request, answer)
