"""Files that clients send to the store themselves: offered, sent, completed; or forgotten, and cleaned up."""

import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import structlog
from fastapi.concurrency import run_in_threadpool

from lesson09_file_storage.files import Files, NotAllowed, new_id
from lesson09_file_storage.forms import LARGEST_FILE
from lesson09_file_storage.models import Offer, StoredFile, UploadDraft
from lesson09_file_storage.names import safe_name
from lesson09_file_storage.store import Store

log = structlog.get_logger("uploads")

PREFIX = "incoming/"
ID = re.compile(r"[0-9a-f]{32}")
LONGEST_PAUSE_S = 60


class Uploads:
    """Uploads under way. They lie apart from the files: nothing that was not judged is ever handed out."""

    def __init__(self, store: Store, files: Files, upload_seconds: int, orphan_seconds: int) -> None:
        self._store = store
        self._files = files
        self._upload_seconds = upload_seconds
        self._orphan_seconds = orphan_seconds

    def offer(self, draft: UploadDraft) -> Offer:
        """A form that the store will take, for this type and name alone."""
        # TODO direct: Let clients send to the store themselves
        raise NotImplementedError("direct")

    def complete(self, upload_id: str) -> StoredFile | None:
        """Judge what was sent and keep it; None when nothing was. Blocks: to be called in a thread.

        A second call finds the file that the first has kept. Raises ``NotAllowed``, and has removed the upload then.
        """
        # TODO direct: Let clients send to the store themselves
        raise NotImplementedError("direct")

    def clean_up(self) -> int:
        """Remove the uploads that nobody has completed in time; how many. Blocks: to be called in a thread."""
        # TODO clean-up: Clean up after those who never came back
        raise NotImplementedError("clean-up")

    async def keep_clean(self) -> None:
        """Clean up now and then, until cancelled."""
        # TODO clean-up: Clean up after those who never came back
