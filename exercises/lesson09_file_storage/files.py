"""Files that are kept in the store."""

import asyncio
import os
import secrets
import time
from typing import BinaryIO
from urllib.parse import quote, unquote

from fastapi.concurrency import run_in_threadpool

from lesson09_file_storage.formats import media_type_of
from lesson09_file_storage.models import StoredFile
from lesson09_file_storage.names import content_disposition, safe_name
from lesson09_file_storage.store import Facts, Store

PREFIX = "files/"


class NotAllowed(Exception):
    """A file is of no type that is kept here, or not of the one that its sender has announced."""


def new_id() -> str:
    """An id that nobody guesses; those that are made later come later in the alphabet."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


class Files:
    """Keeps files, each under a key of our own making; ``url_seconds`` is how long links to them are good."""

    def __init__(self, store: Store, url_seconds: int) -> None:
        self._store = store
        self._url_seconds = url_seconds

    def keep(self, content: BinaryIO, name: str, *, file_id: str | None = None, announced: str = "") -> StoredFile:
        """Keep a file that is of an allowed type; raises ``NotAllowed``. Blocks: to be called in a thread."""
        media_type = media_type_of(content)
        if media_type is None or announced not in ("", media_type):
            raise NotAllowed("a file of this content is not kept here")
        # TODO keep: Keep it, and lend a link to it
        raise NotImplementedError("keep")

    def find(self, file_id: str) -> StoredFile | None:
        """A file that is kept under this id. Blocks: to be called in a thread."""
        # TODO list: Find them again
        raise NotImplementedError("list")

    async def page(self, limit: int, after: str) -> tuple[list[StoredFile], str | None]:
        """The files after an id, the oldest first, and the id after which the next page begins, if there is one."""
        # TODO list: Find them again
        raise NotImplementedError("list")

    def _described(self, key: str, facts: Facts) -> StoredFile:
        url = self._store.url(key, self._url_seconds)
        name = unquote(facts.metadata.get("name", ""))
        return StoredFile(name=name, type=facts.media_type, size=facts.size, url=url)
