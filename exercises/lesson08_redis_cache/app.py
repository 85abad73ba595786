"""The app of lesson05, with a cache in front of its products, a limit in front of all, and lesson07's log-ins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from lesson01_rest_crud import app as lesson01
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson05_postgresql.app import add_stock_and_orders
from lesson05_postgresql.database import Database
from lesson06_mongodb.errors import add_error_answers
from lesson07_jwt_auth import routes as lesson07
from lesson07_jwt_auth.auth import Auth
from lesson08_redis_cache.cache import Cache
from lesson08_redis_cache.cache_status import CacheStatus
from lesson08_redis_cache.link import Link
from lesson08_redis_cache.products import CachedProducts
from lesson08_redis_cache.rate_limit import Limiter, RateLimit
from lesson08_redis_cache.settings import ShopSettings


@asynccontextmanager
async def linked(app: FastAPI) -> AsyncIterator[None]:
    """Keep the connection to Redis as long as the app runs."""
    async with app.state.link:
        yield


def create_app(database: Database, link: Link, auth: Auth, settings: ShopSettings) -> FastAPI:
    """The shop's API over two databases and a Redis, which are opened and closed with the app."""
    app = lesson01.create_app(CachedProducts(database, Cache(link, settings.cache_ttl_s)))
    app.state.link = link
    app.include_router(APIRouter(lifespan=linked))
    add_stock_and_orders(app, database)
    app.state.auth = auth
    app.state.settings = settings
    app.include_router(lesson07.router)
    add_error_answers(app)
    app.add_middleware(CacheStatus)
    app.add_middleware(RateLimit, limiter=Limiter(link, settings.rate_limit, settings.rate_window_s))
    add_middleware_and_logging(app)
    return app
