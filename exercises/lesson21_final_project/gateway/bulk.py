"""Executes a query breadth first: each field once for all objects that have it, and not once for each of them.

graphql-core asks for field after field, object after object: for 100 users with 10 orders each that is 3,000 times
the same few questions. What this way does not cover, and whatever goes wrong, is left to graphql-core: a query changes
nothing, so it may be begun again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLID,
    GraphQLIncludeDirective,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLString,
    InlineFragmentNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_operation_ast,
    get_variable_values,
)

from lesson11_graphql.operations import Operation
from lesson21_final_project.gateway.context import Context
from lesson21_final_project.gateway.resolvers import NAMES
from lesson21_final_project.gateway.shop import Found

Column = list[Any]
OfAll = Callable[[Context, Sequence[Found]], Awaitable[Column]]


async def orders_of_all(context: Context, users: Sequence[Found]) -> Column:
    """The orders of each of these users."""
    return list(await context.shop.orders_of_all([user["id"] for user in users]))


# The fields that are no key of what a service has sent.
OF_ALL: dict[tuple[str, str], OfAll] = {("Usuario", "pedidos"): orders_of_all}


class NotCovered(Exception):
    """This is for graphql-core."""


class Bulk:
    """Executes queries over a schema without interfaces and unions."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def execute(self, operation: Operation, context: Context) -> dict[str, Any] | None:
        """The response, if all is well with it and every field of it is covered; else None."""
        # TODO bulk: Optional: each field once for all
        return None


class Run:
    """One execution."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, context: Context) -> None:
        definition = get_operation_ast(operation.document, operation.parameters.operation_name)
        assert definition is not None
        variables = get_variable_values(
            schema, definition.variable_definitions or (), operation.parameters.variables or {}
        )
        if isinstance(variables, list):
            raise NotCovered
        self.definition = definition
        self._schema = schema
        self._variables = variables
        self._context = context
        self._fragments = {
            each.name.value: each for each in operation.document.definitions if isinstance(each, FragmentDefinitionNode)
        }

    async def objects(
        self, kind: GraphQLObjectType, parents: Sequence[Found], selections: Iterable[SelectionSetNode]
    ) -> Column:
        """What is selected of each of these objects, which are all of one kind."""
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")

    def _fields(self, selections: Iterable[SelectionSetNode], seen: set[str]) -> Iterator[FieldNode]:
        """The fields that are selected, in their order, those in fragments too."""
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")

    def _included(self, node: SelectionNode) -> bool:
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")

    async def _column(self, kind: GraphQLObjectType, nodes: list[FieldNode], parents: Sequence[Found]) -> Column:
        """One field of all these objects."""
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")

    async def _values(self, kind: GraphQLObjectType, node: FieldNode, parents: Sequence[Found]) -> Column:
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")

    async def _completed(self, kind: GraphQLOutputType, nodes: list[FieldNode], values: Column) -> Column:
        """The values as the answer has them: leaves written, lists and objects filled; nothing null that may not be."""
        # TODO bulk: Optional: each field once for all
        raise NotImplementedError("bulk")


def written(kind: GraphQLOutputType, values: Column) -> Column:
    """Leaves as the answer has them."""
    # TODO bulk: Optional: each field once for all
    raise NotImplementedError("bulk")
