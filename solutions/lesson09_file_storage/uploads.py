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
        # --8<-- [start:direct]
        upload_id = new_id()
        fields = {"Content-Type": draft.type, "x-amz-meta-name": quote(safe_name(draft.name, draft.type))}
        form = self._store.form(PREFIX + upload_id, fields, LARGEST_FILE, self._upload_seconds)
        return Offer(id=upload_id, url=form.url, fields=form.fields)
        # --8<-- [end:direct]

    def complete(self, upload_id: str) -> StoredFile | None:
        """Judge what was sent and keep it; None when nothing was. Blocks: to be called in a thread.

        A second call finds the file that the first has kept. Raises ``NotAllowed``, and has removed the upload then.
        """
        # --8<-- [start:direct]
        if not ID.fullmatch(upload_id):
            return None
        if kept := self._files.find(upload_id):
            return kept
        key = PREFIX + upload_id
        facts = self._store.facts(key)
        if facts is None:
            return None
        # The form can be used again while we judge: what is judged has to be the very thing that is kept.
        with tempfile.TemporaryFile() as content:
            self._store.fetch(key, content)
            name = unquote(facts.metadata.get("name", ""))
            try:
                kept = self._files.keep(content, name, file_id=upload_id, announced=facts.media_type)
            except NotAllowed:
                self._store.remove(key)
                raise
        self._store.remove(key)
        return kept
        # --8<-- [end:direct]

    def clean_up(self) -> int:
        """Remove the uploads that nobody has completed in time; how many. Blocks: to be called in a thread."""
        # --8<-- [start:clean-up]
        orphans = self._store.older(PREFIX, datetime.now(UTC) - timedelta(seconds=self._orphan_seconds))
        for key in orphans:
            self._store.remove(key)
        return len(orphans)
        # --8<-- [end:clean-up]

    async def keep_clean(self) -> None:
        """Clean up now and then, until cancelled."""
        # starter:
        # --8<-- [start:clean-up]
        while True:
            try:
                if removed := await run_in_threadpool(self.clean_up):
                    log.info("orphans removed", count=removed)
            # Whatever it was, the next round may go well, and there has to be one.
            except Exception as error:
                log.warning("no clean-up", reason=str(error))
            await asyncio.sleep(min(self._orphan_seconds, LONGEST_PAUSE_S))
        # --8<-- [end:clean-up]
