"""etcd's JSON gateway: its calls over HTTP (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway)."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from lesson13_microservices.client import new_client
from lesson14_service_discovery.registry import RegistryGone

UNAUTHORIZED = 401


def coded(text: str) -> str:
    """Bytes as JSON can carry them."""
    return base64.b64encode(text.encode()).decode()


def decoded(text: str) -> str:
    """The text that was coded."""
    return base64.b64decode(text).decode(errors="replace")


def below(prefix: str) -> dict[str, str]:
    """The range of all keys that begin so: up to the first key that does not."""
    return {"key": coded(prefix), "range_end": coded(prefix[:-1] + chr(ord(prefix[-1]) + 1))}


class EtcdClient:
    """Calls etcd as the user of the URL; raises ``RegistryGone`` whatever goes wrong, also no answer in time."""

    def __init__(self, url: str, answer_within_s: float) -> None:
        parts = urlsplit(url)
        self._login = {"name": unquote(parts.username or ""), "password": unquote(parts.password or "")}
        self._token = ""
        self._answer_within_s = answer_within_s
        self._http = new_client(answer_within_s)
        self._http.base_url = httpx.URL(f"http://{parts.hostname}:{parts.port}/v3/")

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def call(self, method: str, **message: Any) -> dict[str, Any]:
        """The answer to one call; its numbers are texts, because they have 64 bits."""
        async with self._answer(method, message, self._answer_within_s) as answer:
            result: dict[str, Any] = json.loads(await answer.aread())
        return result

    async def watch(self, keys: dict[str, str], revision: int, idle_s: float) -> AsyncIterator[list[dict[str, Any]]]:
        """Changes of the keys from that revision on, as they come; ends when there are none for ``idle_s`` seconds."""
        message = {"create_request": {**keys, "start_revision": str(revision)}}
        async with self._answer("watch", message, idle_s) as answer:
            try:
                async for line in answer.aiter_lines():
                    result = json.loads(line).get("result", {})
                    if result.get("canceled"):
                        return
                    if result.get("events"):
                        yield result["events"]
            except httpx.ReadTimeout:
                return

    @asynccontextmanager
    async def _answer(self, method: str, message: dict[str, Any], idle_s: float) -> AsyncIterator[httpx.Response]:
        timeout = httpx.Timeout(self._answer_within_s, read=idle_s)
        try:
            if not self._token:
                await self._log_in()
            async with self._http.stream(
                "POST", method, json=message, headers={"Authorization": self._token}, timeout=timeout
            ) as answer:
                if answer.status_code == UNAUTHORIZED:
                    # A token is forgotten when etcd restarts; the next call gets another.
                    self._token = ""
                answer.raise_for_status()
                yield answer
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise RegistryGone(f"etcd, {method}: {error!r}") from error

    async def _log_in(self) -> None:
        if self._login["name"]:
            answer = await self._http.post("auth/authenticate", json=self._login)
            self._token = answer.raise_for_status().json()["token"]
