"""supervisor in this process, in the foreground, until SIGTERM or Ctrl-C."""

import socket
from pathlib import Path
from typing import Any

from supervisor import events, supervisord

FACTORY = f"{__name__}:make_listener"


class Listener:
    """Prints what the processes print, and has supervisor see at once when one has ended.

    For supervisor it is an extension of its XML-RPC API, one without a method.
    """

    def __init__(self, control: str) -> None:
        self._control = control
        events.subscribe(events.ProcessLogEvent, self._show)
        for kind in (events.SupervisorRunningEvent, events.ProcessStateExitedEvent):
            events.subscribe(kind, self._knock)

    def _show(self, event: events.ProcessLogEvent) -> None:
        for line in event.data.decode(errors="replace").splitlines():
            print(f"{event.process.config.name} | {line}", flush=True)

    def _knock(self, event: events.Event) -> None:
        # supervisor looks around once a second, or as soon as somebody calls.
        with socket.socket(socket.AF_UNIX) as call:
            call.setblocking(False)
            call.connect_ex(self._control)


def make_listener(supervisor: Any, control: str) -> Listener:
    """Called by supervisor when it has forgotten all earlier subscriptions; ``control`` is from its configuration."""
    return Listener(control)


def supervise(conf: Path) -> None:
    """Start all programs of the configuration files, look after them, and stop them in the end."""
    supervisord.main(["--nodaemon", "--configuration", str(conf)])
