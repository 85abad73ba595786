"""What the orders ask the users."""

import httpx
from structlog.contextvars import get_contextvars

from lesson13_microservices.errors import UpstreamUnreachable, told_apart


class UsersClient:
    """The users, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.client = client
        self._url = url

    async def has(self, user_id: str) -> bool:
        """Whether there is a user of that id; raises one of lesson13's two errors when the users cannot tell."""
        # The request's id goes along: it is one request to whoever sent it.
        headers = {"X-Request-ID": get_contextvars()["request_id"]}
        with told_apart():
            response = await self.client.get(f"{self._url}/api/users/{user_id}", headers=headers)
        if response.status_code not in (200, 404):
            raise UpstreamUnreachable(f"the users answered {response.status_code}")
        return response.status_code == 200
