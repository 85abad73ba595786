"""The app, put together from its parts."""

import logging

from flask import Flask, Response, render_template
from flask_socketio import SocketIO

from lesson07_jwt_auth.tokens import AccessTokens
from lesson12_websockets.chat import Chat
from lesson12_websockets.connections import Connections
from lesson12_websockets.history import History
from lesson12_websockets.presence import Presence
from lesson12_websockets.problems import add_problems
from lesson12_websockets.request_log import add_request_log
from lesson12_websockets.transport import LARGEST_FRAME, BoundedWebSocket, StrictPacket

PING_EVERY_S = 5
PONG_WITHIN_S = 5
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(
    tokens: AccessTokens, connections: Connections, history: History, presence: Presence
) -> tuple[Flask, Chat]:
    """The page over HTTP, and the chat over Socket.IO."""
    app = Flask(__name__)
    add_problems(app)
    add_request_log(app)
    app.after_request(with_policy)
    app.add_url_rule("/", view_func=show_page)
    app.add_url_rule("/health", view_func=health)
    chat = Chat(tokens, connections, history, presence)
    socketio(app).on_namespace(chat)
    return app, chat


def socketio(app: Flask) -> SocketIO:
    """Socket.IO for an app. Only pages from our own origin may connect, which is what it does when told no other."""
    # Who sends nonsense must not be able to fill the log.
    logging.getLogger("engineio.server").setLevel(logging.CRITICAL)
    found = SocketIO(
        app,
        async_mode="gevent",
        # One event of a connection after the other, so that messages keep their order.
        async_handlers=False,
        manage_session=False,
        max_http_buffer_size=LARGEST_FRAME,
        ping_interval=PING_EVERY_S,
        ping_timeout=PONG_WITHIN_S,
        serializer=StrictPacket,
    )
    # Engine.IO has no option for it.
    found.server.eio._async["websocket"] = BoundedWebSocket
    return found


def show_page() -> str:
    """The chat's page."""
    return render_template("index.html")


def health() -> dict[str, str]:
    """Tell that the process can serve."""
    # --8<-- [start:health]
    return {"status": "ok"}
    # --8<-- [end:health]


def with_policy(answer: Response) -> Response:
    """Forbid the page everything but its own scripts, styles and connection."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
