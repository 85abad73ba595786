"""The composition root: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson07_jwt_auth.tokens import AccessTokens
from lesson13_microservices.app import create_gateway, fixed
from lesson13_microservices.client import new_client
from lesson13_microservices.settings import GatewaySettings

settings = GatewaySettings.from_environment()
configure_logging(settings)
services = fixed({"users": settings.users_url, "products": settings.products_url})
tokens = AccessTokens(settings.jwt_secret, settings.jwt_issuer, settings.jwt_audience)
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(create_gateway(new_client(settings.upstream_timeout_s), services, tokens), settings, loop="asyncio")
