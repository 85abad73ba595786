"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson07_jwt_auth.tokens import AccessTokens
from lesson12_websockets.app import create_app
from lesson12_websockets.connections import Connections
from lesson12_websockets.feed import Feed
from lesson12_websockets.history import History
from lesson12_websockets.presence import Presence
from lesson12_websockets.redis_client import connect
from lesson12_websockets.serving import serve
from lesson12_websockets.settings import ChatSettings

settings = ChatSettings.from_environment()
configure_logging(settings)
redis = connect(settings.redis_url)
tokens = AccessTokens(settings.jwt_secret, settings.jwt_issuer, settings.jwt_audience)
presence = Presence(redis)
app, chat = create_app(tokens, Connections(), History(redis), presence)
serve(app, chat, presence, Feed(redis, chat.deliver), settings)
