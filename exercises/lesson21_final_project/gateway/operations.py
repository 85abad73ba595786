"""Operations as lesson11 admits them; a document that was read once need not be read again."""

from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, GraphQLSchema

from lesson11_graphql.operations import Operation, Operations
from lesson21_final_project.gateway.bulk import Bulk
from lesson21_final_project.gateway.context import Context
from lesson21_final_project.gateway.settings import GatewaySettings

MOST_KEPT = 500


class GatewayOperations(Operations[Context]):
    """Executes in bulk what can be executed so, and leaves the rest to graphql-core."""

    def __init__(self, schema: GraphQLSchema, settings: GatewaySettings, new_context: Callable[[], Context]) -> None:
        super().__init__(schema, settings, new_context)
        self._bulk = Bulk(schema) if settings.bulk else None
        self._valid: dict[str, DocumentNode] = {}

    async def execute(self, operation: Operation, context: Context | None = None) -> dict[str, Any]:
        """The response, and how many calls to services it has cost."""
        context = context or self._new_context()
        response = await self._bulk.execute(operation, context) if self._bulk else None
        # What was called for in vain is not called for again: the context remembers it.
        response = response or await super().execute(operation, context)
        return {**response, "extensions": {"upstreamCalls": context.calls.made}}

    def _parsed(self, query: str) -> DocumentNode:
        return self._valid.get(query) or super()._parsed(query)

    def _validated(self, document: DocumentNode) -> None:
        # TODO bulk: Optional: each field once for all
        super()._validated(document)
