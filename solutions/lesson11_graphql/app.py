"""The app: GraphQL over HTTP and WebSocket at one path, and a page to try it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from lesson01_rest_crud.methods import add_method_rules
from lesson03_middleware_logging.app import add_middleware_and_logging
from lesson05_postgresql.database import Database
from lesson11_graphql import graphiql, routes
from lesson11_graphql.blog import Blog
from lesson11_graphql.context import Context
from lesson11_graphql.feed import Feed
from lesson11_graphql.operations import Operations
from lesson11_graphql.resolvers import executable_schema
from lesson11_graphql.settings import BlogSettings
from lesson11_graphql.sockets import Sockets

MIGRATIONS = Path(__file__).parent / "migrations"
LARGEST_BODY = 100_000


def create_app(database: Database, blog: Blog, feed: Feed, settings: BlogSettings) -> FastAPI:
    """The blog's API; database and feed are opened and closed with the app."""

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with database:
            following = asyncio.create_task(feed.follow())
            yield
            following.cancel()
            await asyncio.wait([following])

    app = FastAPI(title="Blog", openapi_url=None, lifespan=connected)
    app.state.operations = Operations(executable_schema(), settings, lambda: Context(blog, feed))
    app.state.sockets = Sockets(app.state.operations, settings)
    app.include_router(routes.router)
    app.include_router(graphiql.router)
    app.mount("/graphiql/files", graphiql.files)
    add_method_rules(app)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
    add_middleware_and_logging(app)
    return app
