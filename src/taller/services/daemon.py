"""The background process of ``taller services up``: ``python -m taller.services.daemon RECORD NAME...``.

It tells how it goes on standard output, a JSON object per line: ``{"announce": …}`` while it starts, then
``{"ready": true}`` or ``{"unavailable": …}``. It ends on SIGTERM, and when its record is taken away.
"""

import json
import os
import signal
import sys
from pathlib import Path

from taller.services import records
from taller.services.errors import ServiceUnavailable
from taller.services.opening import open_servers

LOOK_S = 2


def main(path: Path, names: list[str]) -> None:
    """Keep the servers running until told to end."""
    # As an exception, a signal ends a start halfway as cleanly as it ends the wait.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        with open_servers(names, announce=lambda line: _tell(announce=line)) as servers:
            record = records.Record.of_us(servers)
            records.write(record, path)
            try:
                _tell(ready=True)
                _leave_standard_output()
                while path.exists():
                    signal.sigtimedwait([], LOOK_S)
            finally:
                path.unlink(missing_ok=True)
    except ServiceUnavailable as error:
        _tell(unavailable=[error.service, error.reason, error.remedy])


def _tell(**message: object) -> None:
    # In one piece: several threads tell at once.
    os.write(sys.stdout.fileno(), f"{json.dumps(message)}\n".encode())


def _leave_standard_output() -> None:
    """Nobody reads it from now on."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
