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
    # --8<-- [start:list]
    listed, total = await products_of(request).page(PAGE_LENGTH, (number - 1) * PAGE_LENGTH)
    last = max(1, ceil(total / PAGE_LENGTH))
    answer = page(request, "index.html", products=listed, number=number, last=last)
    # --8<-- [end:list]
    answer.headers["Cache-Control"] = REVALIDATE
    return conditional(request, answer)


# Before /products/{product_id}: the first route that matches is taken.
@router.get("/products/new")
async def new(request: Request) -> Response:
    """The empty form."""
    return form_page(request, ProductForm())


def form_page(request: Request, form: ProductForm, status: int = 200) -> Response:
    """The form, with what was typed and what is wrong; it belongs to one browser, so nobody may keep a copy."""
    # starter: answer = page(request, "new.html", status, form=form, token="")
    # --8<-- [start:csrf]
    session = request.cookies.get(csrf.COOKIE) or csrf.new_session()
    token = csrf.token_of(session, request.app.state.secret)
    answer = page(request, "new.html", status, form=form, token=token)
    answer.set_cookie(csrf.COOKIE, session, httponly=True, samesite="lax")
    # --8<-- [end:csrf]
    answer.headers["Cache-Control"] = NEVER_KEEP
    return answer


@router.post("/products/new")
async def create(request: Request) -> Response:
    """Store what the form describes, and send the browser to it; or show the form again."""
    sent = await request.form(max_files=0, max_fields=10)
    # starter:
    # --8<-- [start:csrf]
    session, token = request.cookies.get(csrf.COOKIE, ""), text_of(sent, csrf.FIELD)
    if not csrf.is_genuine(session, token, request.app.state.secret):
        raise HTTPException(403, "this form was not filled in on our page")
    # --8<-- [end:csrf]
    read = read_form(sent)
    # starter: assert not isinstance(read, ProductForm)
    # --8<-- [start:messages]
    if isinstance(read, ProductForm):
        return form_page(request, read, 422)
    # --8<-- [end:messages]
    # --8<-- [start:form]
    product = await products_of(request).add(read)
    return RedirectResponse(f"/products/{product.id}", 303)
    # --8<-- [end:form]


@router.get("/products/{product_id}")
async def show(request: Request, product_id: ProductId) -> Response:
    """One product."""
    # --8<-- [start:product]
    product = found(await products_of(request).get(product_id))
    answer = page(request, "product.html", product=product)
    # --8<-- [end:product]
    answer.headers["Cache-Control"] = REVALIDATE
    return conditional(request, answer)
