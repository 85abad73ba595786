"""From the schema to what answers it: a function for each field that no attribute has ready."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ariadne import (
    InputType,
    MutationType,
    ObjectType,
    QueryType,
    SubscriptionType,
    load_schema_from_path,
    make_executable_schema,
)
from graphql import GraphQLResolveInfo, GraphQLSchema

from lesson11_graphql.blog import Post, PostFilter, User
from lesson11_graphql.context import Context
from lesson11_graphql.cursors import Page
from lesson11_graphql.dates import date_time

Info = GraphQLResolveInfo[Context]

SCHEMA = Path(__file__).with_name("schema.graphql")

query = QueryType()
mutation = MutationType()
subscription = SubscriptionType()
user_type = ObjectType("User")
post_type = ObjectType("Post")
post_filter = InputType("PostFilter", lambda given: PostFilter(**given))


@query.field("users")
async def users(_: None, info: Info) -> list[User]:
    """All users by id."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@query.field("user")
async def user(_: None, info: Info, *, id: str) -> User | None:  # noqa: A002 - the schema's name
    """One user; null if there is none of that ID."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@query.field("posts")
async def posts(_: None, info: Info) -> list[Post]:
    """All posts by id."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@query.field("post")
async def post(_: None, info: Info, *, id: str) -> Post | None:  # noqa: A002 - the schema's name
    """One post; null if there is none of that ID."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@query.field("postsConnection")
async def posts_connection(
    _: None,
    info: Info,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: PostFilter | None = None,  # noqa: A002 - the schema's name
) -> dict[str, Any]:
    """A page of posts, the newest first."""
    # TODO pages: Turn pages by cursors
    raise NotImplementedError("pages")


@user_type.field("posts")
async def posts_of(author: User, info: Info) -> list[Post]:
    """What a user has written."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@post_type.field("author")
async def author_of(written: Post, info: Info) -> User | None:
    """Who wrote a post."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@mutation.field("createUser")
async def create_user(_: None, info: Info, *, name: str, email: str) -> User:
    """Store a user."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@mutation.field("createPost")
async def create_post(_: None, info: Info, *, title: str, author_id: str, content: str | None = None) -> Post:
    """Store a post, and tell whoever has subscribed."""
    # TODO schema: Answer what the schema promises
    raise NotImplementedError("schema")


@subscription.source("postAdded")
async def added_posts(_: None, info: Info, *, author_id: str | None = None) -> AsyncGenerator[Post]:
    """The new posts, from now on."""
    # TODO subscriptions: Tell who has asked to be told
    raise NotImplementedError("subscriptions")


@subscription.field("postAdded")
def post_added(added: Post, info: Info, **_: Any) -> Post:
    """A new post, as it came from the source."""
    return added


def executable_schema() -> GraphQLSchema:
    """The schema with its resolvers; a field named createdAt is the attribute created_at."""
    return make_executable_schema(
        load_schema_from_path(SCHEMA),
        query,
        mutation,
        subscription,
        user_type,
        post_type,
        post_filter,
        date_time,
        convert_names_case=True,
    )
