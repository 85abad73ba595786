"""Where the web process keeps what it knows: in a file, so that a restart forgets nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import UUID

from lesson10_work_queues.states import Card, Change, State, TaskState

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS changes (id TEXT PRIMARY KEY, task_id TEXT NOT NULL, change TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS changes_of_task ON changes (task_id);
CREATE TABLE IF NOT EXISTS cards (customer TEXT PRIMARY KEY, points INTEGER NOT NULL);
"""


class Store:
    """The changes of all tasks, and the customers' cards.

    Requests read it on the event loop while the broker's thread writes, so one lock guards the one connection.
    """

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.executescript(SCHEMA)

    def add(self, change: Change) -> None:
        """Keep a change, and what it does: both or neither. One that is known already changes nothing."""
        with self._transaction():
            # starter:
            # --8<-- [start:once]
            if any(known.id == change.id or known.state is State.DONE for known in self._changes(change.task_id)):
                return
            # --8<-- [end:once]
            # starter: pass
            # --8<-- [start:state]
            row = (str(change.id), str(change.task_id), change.model_dump_json())
            self._database.execute("INSERT INTO changes (id, task_id, change) VALUES (?, ?, ?)", row)
            match change:
                case Change(state=State.DONE, result={"customer": str(customer), "points": int(points)}):
                    self._add_points(customer, points)
            # --8<-- [end:state]

    def forget(self, task_id: UUID) -> None:
        """Remove a task that the broker did not take."""
        with self._transaction():
            self._database.execute("DELETE FROM changes WHERE task_id = ?", (str(task_id),))

    def task(self, task_id: UUID) -> TaskState | None:
        """All that is known of a task; None if nothing is."""
        with self._lock:
            changes = self._changes(task_id)
        return TaskState.after(changes) if changes else None

    def card(self, customer: str) -> Card:
        """A customer's card; a new one has no points."""
        with self._lock:
            found = self._database.execute("SELECT points FROM cards WHERE customer = ?", (customer,)).fetchone()
        return Card(customer=customer, points=found[0] if found else 0)

    def _changes(self, task_id: UUID) -> list[Change]:
        rows = self._database.execute(
            "SELECT change FROM changes WHERE task_id = ? ORDER BY rowid", (str(task_id),)
        ).fetchall()
        return [Change.model_validate_json(change) for (change,) in rows]

    def _add_points(self, customer: str, points: int) -> None:
        self._database.execute(
            "INSERT INTO cards VALUES (?, ?) ON CONFLICT DO UPDATE SET points = points + excluded.points",
            (customer, points),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Nobody else writes meanwhile, not even another process."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield
