"""The composition root: the one place that knows which parts the program is made of."""

from functools import partial

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.database import Database
from lesson05_postgresql.migrations import migrate
from lesson11_graphql.app import MIGRATIONS, create_app
from lesson11_graphql.blog import Blog
from lesson11_graphql.feed import Feed
from lesson11_graphql.settings import BlogSettings

settings = BlogSettings.from_environment()
configure_logging(settings)
database = Database(settings.database_url, prepare=partial(migrate, folder=MIGRATIONS))
blog = Blog(database)
serve(create_app(database, blog, Feed(settings.database_url, blog), settings), settings)
