"""Who has an account, and how they prove it."""

import secrets
from contextlib import suppress

from pydantic import SecretStr

from lesson06_mongodb.errors import EmailTaken
from lesson06_mongodb.models import Credentials, Role, User, UserDraft
from lesson06_mongodb.passwords import hasher, password_matches
from lesson06_mongodb.users import Users
from lesson07_jwt_auth.errors import WrongLogin
from lesson07_jwt_auth.models import Login, Registration
from lesson07_jwt_auth.throttle import Throttle


class Accounts:
    """Registers customers, and finds out who logs in.

    ``per_account`` and ``per_address`` are how often one address may be wrong about one account, and about all.
    """

    def __init__(self, users: Users, throttle: Throttle, per_account: int, per_address: int) -> None:
        self._users = users
        self._throttle = throttle
        self._per_account = per_account
        self._per_address = per_address
        self._hash_of_nobody = hasher.hash(secrets.token_urlsafe())

    async def register(self, registration: Registration) -> User:
        """Make a customer; raises ``EmailTaken``."""
        # TODO log-in: Register and log in
        raise NotImplementedError("log-in")

    async def have_admin(self, email: str, password: SecretStr) -> None:
        """Make the first admin, unless somebody has that address already."""
        # Another process may have been quicker, or this one has been started before.
        with suppress(EmailTaken):
            admin = UserDraft(name="Admin", email=email, password=password.get_secret_value(), role=Role.ADMIN)
            await self._users.add(admin)

    async def role_of(self, user_id: str) -> Role | None:
        """The user's role now; None if there is no such user any more."""
        user = await self._users.get(user_id)
        return user.role if user else None

    async def check(self, login: Login, address: str) -> Credentials:
        """Whose address and password these are; raises ``WrongLogin``, or ``TooManyFailures`` for any password.

        Failures are counted for the account as seen from one address: nobody can lock out somebody who is elsewhere.
        """
        # TODO guessing: Tell nothing, and slow down guessing
        return await self._prove(login)

    async def _prove(self, login: Login) -> Credentials:
        """Whose address and password these are; raises ``WrongLogin``."""
        # TODO guessing: Tell nothing, and slow down guessing
        credentials = await self._users.credentials(login.email)
        if credentials is None or not await password_matches(login.password, credentials.password_hash):
            raise WrongLogin
        return credentials
