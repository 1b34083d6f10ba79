"""Runs one prepared GraphQL operation synchronously, in the thread that asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.execution.values import VariableValues, get_variable_values
from strawberry import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from schema.documents import (
    MOST_ERRORS,
    DocumentCache,
    DocumentReader,
    Prepared,
    Refused,
    refused,
    too_large,
)
from schema.limits import Limits, Usage, excess_as_executed, excess_of_length
from schema.masking import ErrorBody, ErrorMasking, body_of_document_error
from schema.selections import SynchronousExecutor

MOST_SIZES_KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """An operation with its variables coerced and its size known: it may be executed."""

    prepared: Prepared
    variables: VariableValues
    usage: Usage


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What an executed operation answers."""

    data: dict[str, Any] | None
    errors: list[ErrorBody]
    extensions: dict[str, Any]


class Executor:
    """One schema with its limits. Safe to share between threads."""

    def __init__(
        self,
        schema: Schema,
        *,
        masking: ErrorMasking,
        limits: Limits | None = None,
        introspection: bool = False,
        suggestions: bool = False,
        cache: DocumentCache | None = None,
    ) -> None:
        self._schema = schema._schema
        self._masking = masking
        self.limits = limits or Limits()
        self._suggestions = suggestions
        self._cache = cache or DocumentCache()
        self._reader = DocumentReader(
            self._schema, self.limits, introspection=introspection, suggestions=suggestions
        )
        _require_synchronous_resolvers(schema)

    def prepare(self, query: str, operation_name: str | None = None) -> Prepared | Refused:
        """The named operation of the document, or the only one."""
        if excess := excess_of_length(query, self.limits):
            return too_large(excess)
        operations = self._cache.get(query)
        if operations is None:
            operations = self._reader.read(query)
            self._cache.put(query, operations)
        if isinstance(operations, Refused):
            return operations
        if operation_name is None and len(operations) == 1:
            return next(iter(operations.values()))
        if operation_name is None:
            return refused(
                "OPERATION_AMBIGUOUS",
                "The document holds several operations: name one in operationName.",
            )
        return operations.get(operation_name) or refused(
            "OPERATION_UNKNOWN", "The document holds no operation of this name."
        )

    def bind(self, prepared: Prepared, variables: Mapping[str, Any] | None) -> Bound | Refused:
        """Coerce the variables and measure what they make of the operation. Touches no data."""
        coerced = get_variable_values(
            self._schema,
            prepared.operation.variable_definitions or (),
            dict(variables or {}),
            max_errors=MOST_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        if isinstance(coerced, list):
            errors = (body_of_document_error(error, "VARIABLES_INVALID") for error in coerced)
            return Refused(errors=tuple(errors))
        usage = _usage(prepared, coerced.coerced)
        if excess := excess_as_executed(usage, self.limits):
            return too_large(excess)
        return Bound(prepared=prepared, variables=coerced, usage=usage)

    def run_bound(self, bound: Bound, context: object, root: object = None) -> Outcome:
        """Execute in this thread. Resolvers find `context` in `info.context`."""
        prepared = bound.prepared
        execution = SynchronousExecutor(
            self._schema,
            {name: details.definition for name, details in prepared.fragments.items()},
            prepared.fragments,
            root,
            context,
            prepared.operation,
            bound.variables,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            hide_suggestions=not self._suggestions,
        )
        if not prepared.has_conditions:
            execution.root_steps = prepared.root_steps
        result = execution.execute_operation()
        if not prepared.has_conditions:
            prepared.root_steps = execution.root_steps
        errors = [self._masking.body_of_field_error(error) for error in result.errors or ()]
        return Outcome(data=result.data, errors=errors, extensions=self._extensions(bound))

    def run(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        context: object,
        root: object = None,
    ) -> Outcome | Refused:
        """Bind and execute in one go, for callers without a transaction to open in between."""
        bound = self.bind(prepared, variables)
        return bound if isinstance(bound, Refused) else self.run_bound(bound, context, root)

    def _extensions(self, bound: Bound) -> dict[str, Any]:
        """What the operation used of what it may use."""
        limits, usage = self.limits, bound.usage
        return {
            "cost": {"fields": usage.cost, "rows": usage.rows, "depth": usage.depth},
            "limits": {
                "fields": limits.cost,
                "rows": limits.rows,
                "depth": limits.depth,
                "page": limits.page,
                "aliases": limits.aliases,
                "tokens": limits.tokens,
            },
        }


def _usage(prepared: Prepared, variables: Mapping[str, object]) -> Usage:
    if not prepared.page_variables:
        return prepared.usage
    key = tuple(variables.get(name, name) for name in prepared.page_variables)
    usage = prepared.usage_by_pages.get(key)
    if usage is None:
        usage = prepared.meter.measure(prepared.operation, variables)
        if len(prepared.usage_by_pages) < MOST_SIZES_KEPT:
            prepared.usage_by_pages[key] = usage
    return usage


def _require_synchronous_resolvers(schema: Schema) -> None:
    """An asynchronous resolver would never be awaited here: refuse it when the service starts."""
    graph = schema._schema
    for named in graph.type_map.values():
        if named is graph.subscription_type:
            continue
        for name, definition in getattr(named, "fields", {}).items():
            origin = getattr(definition, "extensions", {}).get(
                GraphQLCoreConverter.DEFINITION_BACKREF
            )
            if isinstance(origin, StrawberryField) and origin.is_async:
                raise TypeError(f"{named}.{name} is asynchronous; resolvers are synchronous here.")
