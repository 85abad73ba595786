"""How a worker leaves: nobody new finds it, who has come is served, and only then it closes."""

import asyncio
import socket
from pathlib import Path

import uvicorn

# What has come in by then is read in one round of the event loop; there are many, because nginx may be slow to send.
ROUNDS = 25
ROUND_S = 0.01


class DrainingServer(uvicorn.Server):
    """uvicorn on a Unix domain socket, which loses no connection when it is asked to stop."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # starter: await super().shutdown(sockets)
        # --8<-- [start:drain]
        if self.config.uds:
            Path(self.config.uds).unlink(missing_ok=True)
        for _ in range(ROUNDS):
            await asyncio.sleep(ROUND_S)
        await super().shutdown(sockets)
        # --8<-- [end:drain]
