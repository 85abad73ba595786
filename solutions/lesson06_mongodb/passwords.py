"""Passwords, as hashes that cannot be turned back."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# argon2id with what OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, two passes, one lane.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# A hash takes a core for some milliseconds and its memory besides; more at once would not be done sooner.
threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


async def hash_password(password: str) -> str:
    """The password's hash, with its salt and parameters in it (``$argon2id$v=19$m=…``)."""
    # starter: return password
    # --8<-- [start:passwords]
    return await asyncio.get_running_loop().run_in_executor(threads, hasher.hash, password)
    # --8<-- [end:passwords]


async def password_matches(password: str, password_hash: str) -> bool:
    """Whether this is the password that the hash was made of: what lesson 7 asks when somebody logs in."""
    try:
        return await asyncio.get_running_loop().run_in_executor(threads, hasher.verify, password_hash, password)
    except VerifyMismatchError:
        return False
