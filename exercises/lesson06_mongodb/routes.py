"""The API: HTTP on one side, the users on the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from lesson01_rest_crud.descriptions import BAD_INPUT, LISTED, TOO_LARGE
from lesson05_postgresql.descriptions import GONE
from lesson06_mongodb.descriptions import NO_USER, SIGNED_UP, TAKEN
from lesson06_mongodb.models import Role, SignUps, User, UserChange, UserDraft, UserQuery
from lesson06_mongodb.users import Users


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """Keep the database open as long as the app runs."""
    async with app.state.database:
        yield


async def only_named_parameters(request: Request) -> None:
    """Refuse ``?email[$ne]=x`` and the like: a condition that nobody looks at would bring more than was asked for."""
    # TODO operators: Let nothing in but plain values


async def users_of(request: Request) -> Users:
    """The users that the composition root gave to the app."""
    users: Users = request.app.state.users
    return users


TheUsers = Annotated[Users, Depends(users_of)]

router = APIRouter(
    prefix="/api/users",
    lifespan=connected,
    dependencies=[Depends(only_named_parameters)],
    responses=GONE | BAD_INPUT,
)


def found(user: User | None) -> User:
    """The user itself; a 404 if there is none."""
    # TODO users: Keep users as documents
    raise NotImplementedError("users")


@router.post("", status_code=201, responses=SIGNED_UP | TAKEN | TOO_LARGE)
async def create_user(draft: UserDraft, users: TheUsers, response: Response) -> User:
    """Sign a user up; the answer's Location points at it."""
    # TODO users: Keep users as documents
    raise NotImplementedError("users")


@router.get("", responses=LISTED)
async def list_users(query: Annotated[UserQuery, Query()], users: TheUsers, response: Response) -> list[User]:
    """One page of the users, or of those that ``q`` finds; X-Total-Count tells how many there are in all."""
    # TODO questions: Search and count
    page, total = await users.page(query.limit, query.offset)
    response.headers["X-Total-Count"] = str(total)
    return page


@router.get("/stats/roles")
async def count_roles(users: TheUsers) -> dict[Role, int]:
    """How many users have each role."""
    # TODO questions: Search and count
    raise NotImplementedError("questions")


@router.get("/stats/sign-ups")
async def count_sign_ups(users: TheUsers) -> list[SignUps]:
    """How many users signed up on each day, in UTC, the oldest day first; days without any are left out."""
    # TODO questions: Search and count
    raise NotImplementedError("questions")


@router.get("/{user_id}", responses=NO_USER)
async def read_user(user_id: str, users: TheUsers) -> User:
    """One user."""
    # TODO users: Keep users as documents
    raise NotImplementedError("users")


@router.patch("/{user_id}", responses=NO_USER | TAKEN | TOO_LARGE)
async def change_user(user_id: str, change: UserChange, users: TheUsers) -> User:
    """Set the fields that the body names; those left out stay as they are."""
    # TODO changes: Change what is named, and nothing else
    raise NotImplementedError("changes")


@router.delete("/{user_id}", status_code=204, responses=NO_USER)
async def delete_user(user_id: str, users: TheUsers) -> None:
    """Forget a user."""
    # TODO users: Keep users as documents
    raise NotImplementedError("users")
