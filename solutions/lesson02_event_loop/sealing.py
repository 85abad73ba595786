"""Seals on receipts: hard work, done beside the event loop."""

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

from lesson02_event_loop.models import Receipt, ReceiptDraft

SALT = b"receipt"


def seal(text: str, rounds: int) -> str:
    """The seal of a text: PBKDF2 with HMAC-SHA-256 (RFC 8018, section 5.2), 32 bytes in hexadecimal digits."""
    return hashlib.pbkdf2_hmac("sha256", text.encode(), SALT, rounds).hex()


class Sealer:
    """Seals receipts on threads of its own, one for each core.

    Python's default threads also look up host names: work that fills them would hold up every new connection.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="sealer")

    async def __aenter__(self) -> "Sealer":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what was begun."""
        self._threads.shutdown()

    async def seal(self, draft: ReceiptDraft) -> Receipt:
        """Seal a receipt, while the event loop goes on."""
        # --8<-- [start:receipts]
        loop = asyncio.get_running_loop()
        sealed = await loop.run_in_executor(self._threads, seal, draft.text, draft.rounds)
        return Receipt(text=draft.text, rounds=draft.rounds, seal=sealed)
        # --8<-- [end:receipts]
