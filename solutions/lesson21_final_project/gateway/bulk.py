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
        # starter: return None
        # --8<-- [start:bulk]
        root = self._schema.query_type
        if operation.kind is not OperationType.QUERY or root is None:
            return None
        try:
            run = Run(self._schema, operation, context)
            (data,) = await run.objects(root, [{}], [run.definition.selection_set])
        except Exception:
            return None
        return {"data": data}
        # --8<-- [end:bulk]


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
        # --8<-- [start:bulk]
        fields: dict[str, list[FieldNode]] = {}
        for node in self._fields(selections, set()):
            fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        columns = await asyncio.gather(*(self._column(kind, nodes, parents) for nodes in fields.values()))
        if not columns:
            return [{} for _ in parents]
        return [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]
        # --8<-- [end:bulk]

    def _fields(self, selections: Iterable[SelectionSetNode], seen: set[str]) -> Iterator[FieldNode]:
        """The fields that are selected, in their order, those in fragments too."""
        # --8<-- [start:bulk]
        for node in (node for each in selections for node in each.selections):
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields([node.selection_set], seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                yield from self._fields([self._fragments[node.name.value].selection_set], seen)
        # --8<-- [end:bulk]

    def _included(self, node: SelectionNode) -> bool:
        # --8<-- [start:bulk]
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and (include is None or include["if"])
        # --8<-- [end:bulk]

    async def _column(self, kind: GraphQLObjectType, nodes: list[FieldNode], parents: Sequence[Found]) -> Column:
        """One field of all these objects."""
        # --8<-- [start:bulk]
        name = nodes[0].name.value
        if name == "__typename":
            return [kind.name] * len(parents)
        if name not in kind.fields:
            raise NotCovered
        values = await self._values(kind, nodes[0], parents)
        return await self._completed(kind.fields[name].type, nodes, values)
        # --8<-- [end:bulk]

    async def _values(self, kind: GraphQLObjectType, node: FieldNode, parents: Sequence[Found]) -> Column:
        # --8<-- [start:bulk]
        name = node.name.value
        if kind is self._schema.query_type:
            field = kind.fields[name]
            assert field.resolve is not None
            arguments = get_argument_values(field, node, self._variables)
            return [await field.resolve(None, SimpleNamespace(context=self._context), **arguments)]
        of_all = OF_ALL.get((kind.name, name))
        if of_all:
            return await of_all(self._context, parents)
        key = NAMES.get(kind.name, {}).get(name, name)
        return [parent[key] for parent in parents]
        # --8<-- [end:bulk]

    async def _completed(self, kind: GraphQLOutputType, nodes: list[FieldNode], values: Column) -> Column:
        """The values as the answer has them: leaves written, lists and objects filled; nothing null that may not be."""
        # --8<-- [start:bulk]
        if isinstance(kind, GraphQLNonNull):
            if None in values:
                raise NotCovered
            return await self._completed(kind.of_type, nodes, values)
        there = [value for value in values if value is not None]
        if isinstance(kind, GraphQLList):
            flat = await self._completed(kind.of_type, nodes, [item for items in there for item in items])
            rest = iter(flat)
            done = [[next(rest) for _ in items] for items in there]
        elif isinstance(kind, GraphQLObjectType):
            selections = [node.selection_set for node in nodes if node.selection_set]
            done = await self.objects(kind, there, selections)
        else:
            done = written(kind, there)
        if len(there) == len(values):
            return done
        present = iter(done)
        return [None if value is None else next(present) for value in values]
        # --8<-- [end:bulk]


def written(kind: GraphQLOutputType, values: Column) -> Column:
    """Leaves as the answer has them."""
    # --8<-- [start:bulk]
    if kind in (GraphQLString, GraphQLID) and all(type(value) is str for value in values):
        return values
    if kind is GraphQLID and all(type(value) is int for value in values):
        return list(map(str, values))
    assert isinstance(kind, GraphQLLeafType)
    return [kind.serialize(value) for value in values]
    # --8<-- [end:bulk]
