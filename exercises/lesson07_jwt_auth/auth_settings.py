"""What the whole shop has to be told: two databases, two secrets, how fast somebody may guess, and its first admin."""

from typing import Annotated

from pydantic import Field, SecretStr

from lesson05_postgresql.settings import DatabaseSettings
from lesson06_mongodb.models import Email
from lesson06_mongodb.settings import MongoSettings
from lesson07_jwt_auth.settings import SHORTEST_SECRET, TokenSettings


class AuthSettings(TokenSettings, DatabaseSettings, MongoSettings):
    """As of the lessons before, and how to know people.

    ``cookie_secure`` may be false only where there is no HTTPS. After ``login_failures_per_account`` wrong passwords
    for one account from one address, or ``login_failures_per_address`` for any accounts from one address, log-ins from
    there have to wait until ``login_window_s`` seconds have passed since the first of them.
    """

    session_secret: Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)]
    admin_email: Email
    admin_password: Annotated[SecretStr, Field(min_length=8, max_length=128)]
    cookie_secure: bool = True
    login_failures_per_account: int = Field(default=5, ge=1)
    login_failures_per_address: int = Field(default=100, ge=1)
    login_window_s: int = Field(default=900, ge=1)
