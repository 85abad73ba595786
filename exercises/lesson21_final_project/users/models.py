"""Users as the gateway sees them, and what may be said of one."""

from typing import Self

from pydantic import BaseModel, Field

from lesson06_mongodb.models import Email, FromOutside, Password, Role, User


class Shown(BaseModel):
    """A user, named as on the wire."""

    id: str
    email: str
    rol: Role

    @classmethod
    def of(cls, user: User) -> Self:
        """The same user without what this project has no use for."""
        return cls(id=user.id, email=user.email, rol=user.role)


class NewUser(FromOutside):
    """Somebody who signs up. There is no ``rol`` here: nobody chooses their own."""

    email: Email
    password: Password


class Change(FromOutside):
    """Some fields of a user; those left out stay as they are."""

    email: Email = Field(default_factory=str)
    password: Password = Field(default_factory=str)
    rol: Role = Role.CUSTOMER

    def fields(self) -> dict[str, str]:
        """Those that are named, as lesson06 calls them."""
        given = self.model_dump(exclude_unset=True)
        return {{"rol": "role"}.get(name, name): value for name, value in given.items()}


class LoggedIn(BaseModel):
    """What a log-in gives."""

    token: str
    user: Shown
