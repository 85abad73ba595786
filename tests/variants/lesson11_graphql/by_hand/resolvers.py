"""The schema of the file, with functions put into its fields by hand: graphql-core alone."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from lesson11_graphql import dates
from lesson11_graphql.blog import Post, PostFilter
from lesson11_graphql.cursors import Page


def snake(name: str) -> str:
    """created_at for createdAt."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def attribute(name: str) -> Callable[..., Any]:
    """A resolver that takes what is there already."""

    def resolve(source: Any, info: Any) -> Any:
        return source[name] if isinstance(source, dict) else getattr(source, name)

    return resolve


async def page_of_posts(source: Any, info: Any, **given: Any) -> Any:
    """A page of posts."""
    chosen = given.pop("filter", None) or PostFilter()
    page = Page.asked_for(*(given.get(name) for name in ("first", "last", "after", "before")))
    return (await info.context.blog.page(page, chosen)).connection()


async def news(source: Any, info: Any, authorId: str | None = None) -> AsyncGenerator[Post]:  # noqa: N803
    """The new posts."""
    async with aclosing(info.context.feed.posts()) as posts:
        async for post in posts:
            if authorId is None or str(post.author_id) == authorId:
                info.context.forget()
                yield post


RESOLVERS: dict[str, dict[str, Callable[..., Any]]] = {
    "Query": {
        "users": lambda source, info: info.context.blog.users(),
        "user": lambda source, info, **given: info.context.blog.user(given["id"]),
        "posts": lambda source, info: info.context.blog.posts(),
        "post": lambda source, info, **given: info.context.blog.post(given["id"]),
        "postsConnection": page_of_posts,
    },
    "Mutation": {
        "createUser": lambda source, info, name, email: info.context.blog.create_user(name, email),
        "createPost": lambda source, info, **given: info.context.blog.create_post(
            given["title"], given.get("content"), given["authorId"]
        ),
    },
    "Subscription": {"postAdded": lambda post, info, **given: post},
    "User": {"posts": lambda author, info: info.context.loaders.posts_of(author)},
    "Post": {"author": lambda post, info: info.context.loaders.author_of(post)},
}


def executable_schema() -> GraphQLSchema:
    """The schema, ready to be executed."""
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text())
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                field.resolve = RESOLVERS.get(name, {}).get(field_name) or attribute(snake(field_name))
    moment, chosen = schema.type_map["DateTime"], schema.type_map["PostFilter"]
    assert isinstance(moment, GraphQLScalarType)
    assert isinstance(chosen, GraphQLInputObjectType)
    assert schema.subscription_type
    moment.coerce_output_value = dates.written  # type: ignore[method-assign]
    moment.coerce_input_value = dates.read  # type: ignore[method-assign]
    chosen.out_type = lambda given: PostFilter(**{snake(key): value for key, value in given.items()})  # type: ignore[method-assign]
    schema.subscription_type.fields["postAdded"].subscribe = news
    return schema
