"""The parts that know people, put together."""

from dataclasses import dataclass
from typing import Self

from lesson06_mongodb.database import Database, Mongo
from lesson06_mongodb.users import Users, prepare_users
from lesson07_jwt_auth.accounts import Accounts
from lesson07_jwt_auth.auth_settings import AuthSettings
from lesson07_jwt_auth.cookies import SessionCookie
from lesson07_jwt_auth.guard import Gate
from lesson07_jwt_auth.logins import Logins, prepare_logins
from lesson07_jwt_auth.mongo_sessions import prepare_sessions
from lesson07_jwt_auth.sessions import SessionStore
from lesson07_jwt_auth.throttle import Throttle, prepare_throttle
from lesson07_jwt_auth.tokens import AccessTokens


async def prepare(mongo: Mongo) -> None:
    """Make all indexes that this lesson's collections and lesson06's need."""
    for make_indexes in (prepare_users, prepare_logins, prepare_sessions, prepare_throttle):
        await make_indexes(mongo)


@dataclass(frozen=True)
class Auth:
    """Who has an account, who has logged in, and how they prove it."""

    database: Database
    accounts: Accounts
    tokens: AccessTokens
    logins: Logins
    cookie: SessionCookie
    sessions: SessionStore

    @classmethod
    def over(cls, database: Database, sessions: SessionStore, settings: AuthSettings) -> Self:
        """All of it over one database, and over any store of sessions."""
        throttle = Throttle(database, settings.login_window_s)
        limits = (settings.login_failures_per_account, settings.login_failures_per_address)
        return cls(
            database=database,
            accounts=Accounts(Users(database), throttle, *limits),
            tokens=AccessTokens(settings.jwt_secret, settings.jwt_issuer, settings.jwt_audience),
            logins=Logins(database),
            cookie=SessionCookie(settings.session_secret, secure=settings.cookie_secure),
            sessions=sessions,
        )

    @property
    def gate(self) -> Gate:
        """Who finds out who is asking."""
        return Gate(self.tokens, self.logins, self.cookie, self.sessions)
