"""What clients send and get when it is about who they are."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

from lesson01_rest_crud.models import Name
from lesson06_mongodb.models import Email, FromOutside, Password, Role
from lesson07_jwt_auth.tokens import LIFETIME_S

LongText = Annotated[str, StringConstraints(max_length=10_000)]
CAMEL_CASE = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Said(FromOutside):
    """What a token is to say: header and payload as JSON texts, the key in base64url as in a JWK."""

    header: LongText
    payload: LongText
    key: LongText


class Signed(FromOutside):
    """A token, and the key that it is to be signed with."""

    token: LongText
    key: LongText


class Token(BaseModel):
    """A token."""

    token: str


class Content(BaseModel):
    """What a token says, as the texts that were signed."""

    header: str
    payload: str


class Registration(FromOutside):
    """A new customer. There is no role here: nobody chooses their own."""

    name: Name
    email: Email
    password: Password


class Login(FromOutside):
    """What somebody claims who logs in.

    The address has to be of the form that addresses have: to MongoDB's collation, one with invisible characters in it
    is the same as without, and would be counted as another account.
    """

    email: Email
    password: Annotated[str, StringConstraints(max_length=128)]


class Refresh(FromOutside):
    """The refresh token that came last."""

    model_config = CAMEL_CASE

    refresh_token: Annotated[str, StringConstraints(max_length=200)]


class Tokens(BaseModel):
    """What a log-in gives, named as OAuth 2.0 names it (RFC 6749, section 5.1); ``expires_in`` is in seconds."""

    model_config = CAMEL_CASE

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int = LIFETIME_S


class Me(BaseModel):
    """Who is asking."""

    id: str
    role: Role
