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
    # --8<-- [start:limits]
    given = {
        argument.name.value: value_from_ast_untyped(argument.value, dict(variables))
        for argument in field.arguments or ()
    }
    asked = given.get("first", given.get("last"))
    if asked is None:
        return DEFAULT_PAGE
    return asked if isinstance(asked, int) and 0 <= asked <= LARGEST_PAGE else LARGEST_PAGE
    # --8<-- [end:limits]


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
        # --8<-- [start:limits]
        root = self._schema.get_root_type(operation.operation)
        inside = self._all(operation.selection_set, root, USUAL_LIST, 0)
        return inside.beside(Size(directives=len(operation.directives or ())))
        # --8<-- [end:limits]

    def _all(self, selections: SelectionSetNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # --8<-- [start:limits]
        if nesting > DEEPEST_NESTING:
            raise Refused(422, LIMIT_EXCEEDED, "the selections are nested too deeply")
        total = Size()
        for selection in selections.selections:
            total = total.beside(Size(directives=len(selection.directives or ())))
            total = total.beside(self._one(selection, parent, items, nesting + 1))
        return total
        # --8<-- [end:limits]

    def _one(self, selection: SelectionNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # --8<-- [start:limits]
        match selection:
            case FieldNode():
                return self._field(selection, parent, items, nesting)
            case FragmentSpreadNode():
                return self._spread(selection.name.value, items, nesting)
            case InlineFragmentNode():
                inside = self._narrowed(parent, selection.type_condition)
                return self._all(selection.selection_set, inside, items, nesting)
        return Size()
        # --8<-- [end:limits]

    def _field(self, field: FieldNode, parent: GraphQLNamedType | None, items: int, nesting: int) -> Size:
        # --8<-- [start:limits]
        definition = self._schema.get_field(parent, field.name.value) if is_composite_type(parent) else None
        kind: GraphQLOutputType | None = definition.type if definition else None
        named = get_named_type(kind) if kind else None
        # Tools ask for the schema with queries that are deep and wide; validation has a limit for these.
        is_schema = named is not None and is_introspection_type(named)
        inside = Size()
        if field.selection_set:
            pages = {"first", "last"} & set(definition.args) if definition else set()
            # What a page has is in the edges right below it; further down, lists are as long as lists are.
            within = items_of(field, self._variables) if pages else USUAL_LIST
            inside = self._all(field.selection_set, named, within, nesting)
        times = items if is_list_type(get_nullable_type(kind)) and not is_schema else 1
        return Size(
            depth=0 if is_schema else inside.depth + 1,
            aliases=inside.aliases + (field.alias is not None),
            directives=inside.directives,
            cost=1 + times * inside.cost,
        )
        # --8<-- [end:limits]

    def _spread(self, name: str, items: int, nesting: int) -> Size:
        # --8<-- [start:limits]
        fragment = self._fragments.get(name)
        if fragment is None:
            return Size()
        if (name, items) not in self._measured:
            # A fragment that spreads itself meets this, and is left to the validation.
            self._measured[name, items] = Size()
            inside = self._narrowed(None, fragment.type_condition)
            size = self._all(fragment.selection_set, inside, items, nesting)
            self._measured[name, items] = size.beside(Size(directives=len(fragment.directives or ())))
        return self._measured[name, items]
        # --8<-- [end:limits]

    def _narrowed(self, parent: GraphQLNamedType | None, condition: NamedTypeNode | None) -> GraphQLNamedType | None:
        return self._schema.get_type(condition.name.value) if condition else parent


def check(size: Size, settings: QuerySettings) -> None:
    """Raise ``Refused`` for a query that asks for too much, with all that is too much."""
    # starter: return
    # --8<-- [start:limits]
    found: Iterable[tuple[str, int, int]] = (
        ("depth", size.depth, settings.max_depth),
        ("aliases", size.aliases, settings.max_aliases),
        ("directives", size.directives, settings.max_directives),
        ("cost", size.cost, settings.max_cost),
    )
    # No figure: it may have more digits than Python likes to print.
    over = [f"{name}: more than {most}" for name, is_there, most in found if is_there > most]
    if over:
        raise Refused(422, LIMIT_EXCEEDED, *over)
    # --8<-- [end:limits]
