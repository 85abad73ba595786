"""Somebody who listens for notifications."""

import time
from typing import Any

from socketio import Client
from socketio.exceptions import ConnectionError as NoConnection

from lesson21_final_project.demo.door import Door
from lesson21_final_project.demo.problems import NotAsTold, until


class Ears:
    """A user's connection, and all that it has heard, each with the time by ``time.monotonic``."""

    def __init__(self, door: Door) -> None:
        self.heard: list[tuple[float, dict[str, Any]]] = []
        self._client = Client()
        self._client.on("pedidoActualizado", lambda event: self.heard.append((time.monotonic(), event)))
        try:
            self._client.connect(door.url, auth={"token": door.token, "since": 0}, transports=["websocket"])
        except NoConnection as error:
            raise NotAsTold(f"no live connection: {error}") from None

    def hear_of(self, order: str) -> tuple[float, dict[str, Any]]:
        """Wait until this order is spoken of."""
        return until(
            lambda: next((each for each in list(self.heard) if each[1]["id"] == order), None),
            f"pedidoActualizado of order {order}",
        )

    def close(self) -> None:
        """Stop listening."""
        self._client.disconnect()
