"""Records of the servers that ``taller services up`` keeps running: a file per background process.

They lie in a directory of this user and this checkout, so that two users or two checkouts never meet.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from taller.catalog import Course, CourseNotFound
from taller.services.errors import ServiceError
from taller.services.server import Endpoint, Server

if TYPE_CHECKING:
    import psutil


@dataclass(frozen=True)
class Running:
    """One server of a background process. ``pid`` is 0 for one that Docker runs."""

    endpoint: Endpoint
    pid: int


@dataclass(frozen=True)
class Record:
    """What one background process (``pid``, begun at ``started`` seconds since 1970) keeps running, by name."""

    pid: int
    started: float
    servers: dict[str, Running]

    @classmethod
    def of_us(cls, servers: dict[str, Server]) -> "Record":
        """The record of this very process."""
        import psutil

        running = {name: Running(server.endpoint, server.pid) for name, server in servers.items()}
        return cls(os.getpid(), psutil.Process().create_time(), running)

    def process(self) -> "psutil.Process | None":
        """The background process; None when it is gone, also when another one has got its number since."""
        import psutil

        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


def folder() -> Path:
    """The directory of records of this user and checkout; raises ``ServiceError`` if somebody else has taken it."""
    try:
        root = Course.find().root
    except CourseNotFound:
        root = Path(__file__).resolve().parent
    base = Path(tempfile.gettempdir()) / f"taller-services-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.getuid():
        raise ServiceError(f"{base} belongs to another user: remove it, or set TMPDIR")
    path = base / hashlib.sha256(str(root).encode()).hexdigest()[:16]
    path.mkdir(exist_ok=True)
    return path


def write(record: Record, path: Path) -> None:
    """Write it whole or not at all, for nobody else's eyes: it holds passwords."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(record)), encoding="utf-8")
    draft.rename(path)


def load() -> list[Record]:
    """The records of background processes that live; the files of those that do not are removed."""
    found = []
    for path in sorted(folder().glob("*.json")):
        with suppress(FileNotFoundError):
            record = _read(path)
            if record.process():
                found.append(record)
            else:
                path.unlink()
    return found


def endpoint_of(name: str) -> Endpoint | None:
    """Where the server of that name is that a background process keeps running, if one does."""
    return next((record.servers[name].endpoint for record in load() if name in record.servers), None)


def _read(path: Path) -> Record:
    data = json.loads(path.read_text(encoding="utf-8"))
    servers = {
        name: Running(Endpoint(**running["endpoint"]), running["pid"]) for name, running in data["servers"].items()
    }
    return Record(data["pid"], data["started"], servers)
