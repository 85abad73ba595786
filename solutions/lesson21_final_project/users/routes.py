"""The routes of the service of users."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from lesson06_mongodb.models import Role, User, UserChange
from lesson06_mongodb.users import Users
from lesson07_jwt_auth.accounts import Accounts
from lesson07_jwt_auth.errors import NotAllowed
from lesson07_jwt_auth.models import Login, Registration
from lesson07_jwt_auth.tokens import AccessTokens
from lesson21_final_project.inside import Caller, only_for
from lesson21_final_project.users.models import Change, LoggedIn, NewUser, Shown
from lesson21_final_project.users.people import People

MOST_AT_ONCE = 100

router = APIRouter()


@dataclass(frozen=True)
class Parts:
    """What the routes work with."""

    users: Users
    accounts: Accounts
    people: People
    tokens: AccessTokens


async def parts_of(request: Request) -> Parts:
    """The parts that the composition root gave to the app."""
    parts: Parts = request.app.state.parts
    return parts


TheParts = Annotated[Parts, Depends(parts_of)]


def shown(user: User | None) -> Shown:
    """The user as the gateway sees them; a 404 if there is none."""
    if user is None:
        raise HTTPException(404, "there is no user of that id")
    return Shown.of(user)


@router.post("/users", status_code=201)
async def sign_up(new: NewUser, parts: TheParts) -> Shown:
    """Become a customer."""
    # --8<-- [start:users]
    # Lesson 6 knows users by name; this shop knows them by their address.
    registration = Registration(name=new.email[:200], email=new.email, password=new.password)
    return Shown.of(await parts.accounts.register(registration))
    # --8<-- [end:users]


@router.post("/sessions")
async def log_in(login: Login, request: Request, parts: TheParts) -> LoggedIn:
    """Get a token, good for an hour."""
    # --8<-- [start:users]
    # The gateway says where somebody is; nobody else gets as far as this.
    address = request.headers.get("x-forwarded-for", "")
    known = await parts.accounts.check(login, address)
    user = await parts.users.get(known.id)
    return LoggedIn(token=parts.tokens.issue(known.id, known.role), user=shown(user))
    # --8<-- [end:users]


@router.get("/users/{user_id}")
async def show(user_id: str, caller: Caller, parts: TheParts) -> Shown:
    """One user."""
    # --8<-- [start:users]
    only_for(caller, user_id)
    user = await parts.users.get(user_id)
    return shown(user)
    # --8<-- [end:users]


@router.get("/users")
async def show_many(
    caller: Caller,
    parts: TheParts,
    ids: str | None = None,
    first: Annotated[int, Query(ge=0, le=MOST_AT_ONCE)] = 20,
    after: str | None = None,
) -> list[Shown]:
    """The users of some ids, or a page of all."""
    # --8<-- [start:users]
    wanted = ids.split(",") if ids is not None else []
    only_for(caller, *wanted)
    users = await parts.people.page(first, after) if ids is None else await parts.people.many(wanted[:MOST_AT_ONCE])
    return [Shown.of(user) for user in users]
    # --8<-- [end:users]


@router.patch("/users/{user_id}")
async def change(user_id: str, wish: Change, caller: Caller, parts: TheParts) -> Shown:
    """Change what the body names; nobody but an admin gives anybody another role."""
    # --8<-- [start:users]
    only_for(caller, user_id)
    if "rol" in wish.model_fields_set and caller.role is not Role.ADMIN:
        raise NotAllowed
    user = await parts.users.change(user_id, UserChange.model_validate(wish.fields()))
    return shown(user)
    # --8<-- [end:users]


@router.delete("/users/{user_id}", status_code=204)
async def leave(user_id: str, caller: Caller, parts: TheParts) -> None:
    """Forget a user."""
    # --8<-- [start:users]
    only_for(caller, user_id)
    if not await parts.people.remove(user_id):
        raise HTTPException(404, "there is no user of that id")
    # --8<-- [end:users]
