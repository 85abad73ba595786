"""What has become of the tasks, in a file: every event is one row, and a task is its rows."""

import json
import sqlite3
from pathlib import Path
from typing import Any


class Store:
    """A SQLite database. It outlives the process, but not the machine it is on."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(
            """
            CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, id TEXT, state TEXT, event TEXT);
            CREATE INDEX IF NOT EXISTS events_by_id ON events (id);
            CREATE TABLE IF NOT EXISTS points (id TEXT PRIMARY KEY, customer TEXT, points INTEGER);
            """
        )

    def add(self, event: dict[str, Any]) -> None:
        """Keep an event, unless its task is done already; points are kept by the task's id, so only once."""
        done = self._database.execute("SELECT 1 FROM events WHERE id = ? AND state = 'done'", [event["id"]])
        if done.fetchone():
            return
        row = [event["id"], event["state"], json.dumps(event)]
        self._database.execute("INSERT INTO events (id, state, event) VALUES (?, ?, ?)", row)
        result = event.get("result") or {}
        if "points" in result:
            card = [event["id"], result["customer"], result["points"]]
            self._database.execute("INSERT OR IGNORE INTO points VALUES (?, ?, ?)", card)

    def forget(self, task_id: str) -> None:
        """Remove a task that was never queued."""
        self._database.execute("DELETE FROM events WHERE id = ?", [task_id])

    def task(self, task_id: str) -> dict[str, Any] | None:
        """All that is known of a task; None if nothing is."""
        rows = self._database.execute("SELECT event FROM events WHERE id = ? ORDER BY number", [task_id])
        events = [json.loads(event) for (event,) in rows]
        if not events:
            return None
        last = events[-1]
        return {
            "id": task_id,
            "task": last["task"],
            "state": last["state"],
            "attempts": sum(event["state"] == "running" for event in events),
            "result": last.get("result"),
            "error": last.get("error"),
            "history": [{name: event.get(name) for name in ("state", "at", "worker")} for event in events],
        }

    def points(self, customer: str) -> int:
        """How many points a customer has."""
        row = self._database.execute("SELECT coalesce(sum(points), 0) FROM points WHERE customer = ?", [customer])
        return int(row.fetchone()[0])
