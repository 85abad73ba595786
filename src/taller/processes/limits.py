"""How much of the machine one process may use."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one process; a descendant has the same ones.

    ``memory_bytes`` bounds private writable memory (``RLIMIT_DATA``), not address space: Node.js and Go
    reserve gigabytes that they never touch. ``processes`` counts the threads of the whole user, as
    ``RLIMIT_NPROC`` does (getrlimit(2)), on top of those that the user already has. ``log_bytes`` bounds what
    is kept of the output; the rest is dropped, so a process that prints without end fills no disk.
    """

    wall_seconds: float = 300
    cpu_seconds: int = 120
    memory_bytes: int = 1024 * MIB
    processes: int = 256
    open_files: int = 1024
    file_bytes: int = 256 * MIB
    log_bytes: int = 4 * MIB
