"""What a user is, and what may be said of one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lesson01_rest_crud.models import Name
from lesson01_rest_crud.routes import LARGEST_ID

# What <input type="email"> takes (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address).
LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
EMAIL = rf"^[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{LABEL}(?:\.{LABEL})*$"


class Role(StrEnum):
    """What a user is to the shop."""

    CUSTOMER = "customer"
    ADMIN = "admin"


Email = Annotated[
    str,
    # TODO operators: Let nothing in but plain values
    Field(),
]

Password = Annotated[
    str,
    # TODO operators: Let nothing in but plain values
    Field(),
]


class FromOutside(BaseModel):
    """What a client sends; a name that is not one of the fields is refused."""

    # TODO operators: Let nothing in but plain values


class UserDraft(FromOutside):
    """A user as a client describes one who signs up."""

    name: Name
    email: Email
    role: Role = Role.CUSTOMER
    password: Password


class UserChange(FromOutside):
    """Some fields of a user; those left out stay as they are (``exclude_unset`` tells which)."""

    name: Name = Field(default_factory=str)
    email: Email = Field(default_factory=str)
    role: Role = Role.CUSTOMER
    password: Password = Field(default_factory=str)


class UserQuery(BaseModel):
    """Which users a list is to have."""

    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=LARGEST_ID)
    q: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class User(BaseModel):
    """A user as everybody may see one."""

    id: str
    name: str
    email: str
    role: Role


class SignUps(BaseModel):
    """How many users signed up on a day, in UTC."""

    day: date
    count: int


@dataclass(frozen=True)
class Credentials:
    """What a log-in is decided by; it never leaves the process."""

    id: str
    role: Role
    password_hash: str
