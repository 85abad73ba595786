"""Run the chat until it is asked to stop."""

import logging
import signal
from typing import Any

import gevent
from flask import Flask
from gevent.pywsgi import WSGIHandler, WSGIServer

from lesson12_websockets.chat import Chat
from lesson12_websockets.feed import Feed
from lesson12_websockets.presence import Presence
from lesson12_websockets.settings import ChatSettings

FAREWELL_S = 3


class Handler(WSGIHandler):  # type: ignore[misc]
    """Handles the requests of one TCP connection; after a WebSocket there is none to come."""

    def get_environ(self) -> dict[str, Any]:
        """The request as WSGI has it."""
        environ: dict[str, Any] = super().get_environ()
        if "HTTP_UPGRADE" in environ:
            self.close_connection = True
        return environ


def serve(app: Flask, chat: Chat, presence: Presence, feed: Feed, settings: ChatSettings) -> None:
    """Serve until SIGTERM or Ctrl-C; then take leave of all clients, and return."""
    errors = logging.getLogger("gevent")
    server = WSGIServer((settings.host, settings.port), app, handler_class=Handler, log=None, error_log=errors)

    def stop() -> None:
        server.close()
        chat.close()
        server.stop(FAREWELL_S)

    # starter:
    # --8<-- [start:outage]
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop)
    # --8<-- [end:outage]
    for task in (feed.run, presence.beat_for_ever, chat.end_expired_for_ever):
        gevent.spawn(task)
    server.serve_forever()
