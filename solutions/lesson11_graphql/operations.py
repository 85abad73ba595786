"""From a request to what is executed: parsed, measured, validated, and with variables that fit; else refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    get_variable_values,
    parse,
    specified_rules,
    subscribe,
    validate,
)

from lesson11_graphql.errors import (
    BAD_USER_INPUT,
    NO_OPERATION,
    PARSE_FAILED,
    VALIDATION_FAILED,
    Refused,
    formatted,
)
from lesson11_graphql.limits import Measure, check
from lesson11_graphql.parameters import Parameters
from lesson11_graphql.settings import QuerySettings

MOST_ERRORS = 10

C = TypeVar("C")


@dataclass(frozen=True)
class Operation:
    """What may be executed."""

    document: DocumentNode
    kind: OperationType
    parameters: Parameters


class Operations(Generic[C]):
    """Admits requests and executes them; ``new_context`` makes what the resolvers of one operation share."""

    def __init__(self, schema: GraphQLSchema, settings: QuerySettings, new_context: Callable[[], C]) -> None:
        self.schema = schema
        self._settings = settings
        self._new_context = new_context
        closed = () if settings.introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, *closed)

    def admit(self, parameters: Parameters) -> Operation:
        """The operation that a request wants; raises ``Refused`` unless it may be executed."""
        document = self._parsed(parameters.query)
        self._within_limits(document, parameters)
        self._validated(document)
        definition = get_operation_ast(document, parameters.operation_name)
        if definition is None:
            raise Refused(422, NO_OPERATION, "operationName has to name one of the operations, unless there is but one")
        self._with_variables(definition, parameters)
        return Operation(document, definition.operation, parameters)

    async def execute(self, operation: Operation, context: C | None = None) -> dict[str, Any]:
        """The response to a query or a mutation; what its resolvers share is made anew unless it is given."""
        result = execute(**self._arguments(operation, context or self._new_context()))
        return response_of(await result if isawaitable(result) else result)

    async def subscribe(self, operation: Operation) -> Any:
        """The stream of results of a subscription, or one result when it has failed before it began."""
        stream = subscribe(**self._arguments(operation, self._new_context()))
        return await stream if isinstance(stream, Awaitable) else stream

    def _arguments(self, operation: Operation, context: C) -> dict[str, Any]:
        return {
            "schema": self.schema,
            "document": operation.document,
            "context_value": context,
            "variable_values": operation.parameters.variables,
            "operation_name": operation.parameters.operation_name,
        }

    def _parsed(self, query: str) -> DocumentNode:
        # starter: return parse(query)
        # --8<-- [start:http]
        try:
            return parse(query, max_lexical_tokens=self._settings.max_tokens)
        except GraphQLSyntaxError as error:
            raise Refused(400, PARSE_FAILED, error) from None
        # --8<-- [end:http]

    def _within_limits(self, document: DocumentNode, parameters: Parameters) -> None:
        # starter: return
        # --8<-- [start:limits]
        measure = Measure(self.schema, document, parameters.variables or {})
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                check(measure.of(definition), self._settings)
        # --8<-- [end:limits]

    def _validated(self, document: DocumentNode) -> None:
        # starter: return
        # --8<-- [start:http]
        errors = validate(self.schema, document, self._rules, max_errors=MOST_ERRORS)
        if errors:
            raise Refused(422, VALIDATION_FAILED, *errors)
        # --8<-- [end:http]

    def _with_variables(self, definition: OperationDefinitionNode, parameters: Parameters) -> None:
        # starter: return
        # --8<-- [start:http]
        values = get_variable_values(
            self.schema, definition.variable_definitions or (), parameters.variables or {}, max_errors=MOST_ERRORS
        )
        if isinstance(values, list):
            raise Refused(422, BAD_USER_INPUT, *values)
        # --8<-- [end:http]


def response_of(result: ExecutionResult) -> dict[str, Any]:
    """The response that tells a result; what went wrong stands first, as the specification suggests."""
    errors: list[GraphQLError] = result.errors or []
    response = {"errors": [formatted(error) for error in errors]} if errors else {}
    return {**response, "data": result.data}
