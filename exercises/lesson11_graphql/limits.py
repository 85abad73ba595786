"""How much a query asks for, told from the query alone: before it is validated, and long before it is executed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
    value_from_ast_untyped,
)

from lesson11_graphql.cursors import DEFAULT_PAGE, LARGEST_PAGE
from lesson11_graphql.errors import LIMIT_EXCEEDED, Refused
from lesson11_graphql.settings import QuerySettings

USUAL_LIST = 10
# Deeper than any depth of fields that a setting allows, and far from the end of Python's stack.
DEEPEST_NESTING = 60


@dataclass(frozen=True)
class Size:
    """How deep the fields go, how many aliases and directives there are, and what it may cost to answer."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def beside(self, other: "Size") -> "Size":
        """The size of both, as selections of the same object."""
        return Size(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
        )


def items_of(field: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many items a field's page has: as many as it asks for, or the most if that makes no sense."""
    # TODO limits: Refuse what costs too much
    raise NotImplementedError("limits")


class Measure:
    """Measures the operations of one document.

    A fragment is measured once for each number of items around it, however often it is spread: fragments that spread
    each other twice would else take twice as long with each of them.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            fragment.name.value: fragment
            for fragment in document.definitions
            if isinstance(fragment, FragmentDefinitionNode)
        }
        self._measured: dict[tuple[str, int], Size] = {}

    def of(self, operation: OperationDefinitionNode) -> Size:
        """The size of an operation; raises ``Refused`` when its selections are nested too deeply to be measured."""
        # TODO limits: Refuse what costs too much
        raise NotImplementedError("limits")

    def _all(self, selections: SelectionSetNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # TODO limits: Refuse what costs too much
        raise NotImplementedError("limits")

    def _one(self, selection: SelectionNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # TODO limits: Refuse what costs too much
        raise NotImplementedError("limits")

    def _field(self, field: FieldNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # TODO limits: Refuse what costs too much
        raise NotImplementedError("limits")

    def _spread(self, name: str, items: int, nesting: int) -> Size:
        # TODO limits: Refuse what costs too much
        raise NotImplementedError("limits")

    def _narrowed(self, parent: GraphQLNamedType | None, condition: NamedTypeNode | None) -> GraphQLNamedType | None:
        return self._schema.get_type(condition.name.value) if condition else parent


def check(size: Size, settings: QuerySettings) -> None:
    """Raise ``Refused`` for a query that asks for too much, with all that is too much."""
    # TODO limits: Refuse what costs too much
    return
