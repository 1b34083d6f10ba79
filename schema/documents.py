"""Documents that clients send: read once, found valid and measured, then kept in a bounded cache;
the refusals too."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.collect_fields import FragmentDetails
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.limits import (
    Excess,
    Limits,
    Usage,
    excess_as_executed,
    excess_as_written,
    introspects,
    selection_sets,
)
from schema.masking import ErrorBody, body_of_document_error, error_body
from schema.metering import Meter, page_variables
from schema.selections import Step

RULES = (*specified_rules, OneOfInputValidationRule)
MOST_ERRORS = 20


class OperationKind(Enum):
    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An operation that is not executed, and why."""

    errors: tuple[ErrorBody, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Prepared:
    """One operation of a document that was found valid; shared by all requests that send it."""

    kind: OperationKind
    name: str | None
    root_fields: tuple[str, ...]
    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    tokens: int
    usage: Usage
    page_variables: tuple[str, ...]
    meter: Meter
    has_conditions: bool
    root_steps: list[Step] | None = None
    usage_by_pages: dict[tuple[object, ...], Usage] = field(default_factory=dict)
    kept_notes: dict[str, object] = field(default_factory=dict)

    @property
    def notes(self) -> dict[str, object]:
        """Where schema code keeps facts about what is selected. They live as long as the document;
        where @skip or @include make the selection depend on variables, for one execution."""
        return {} if self.has_conditions else self.kept_notes


class DocumentCache:
    """The documents used last, bounded in number and in characters (a syntax tree takes some
    hundred bytes for each). Refusals have a shelf of their own, so that a flood of broken
    documents does not push the good ones out."""

    def __init__(self, *, documents: int = 500, characters: int = 500_000) -> None:
        self._accepted = _Shelf(documents, characters)
        self._refused = _Shelf(documents // 5, characters // 5)
        self._lock = Lock()

    def get(self, query: str) -> dict[str, Prepared] | Refused | None:
        with self._lock:
            return self._accepted.get(query) or self._refused.get(query)

    def put(self, query: str, entry: dict[str, Prepared] | Refused) -> None:
        with self._lock:
            (self._refused if isinstance(entry, Refused) else self._accepted).put(query, entry)


class _Shelf:
    def __init__(self, documents: int, characters: int) -> None:
        self._documents = documents
        self._characters = characters
        self._used = 0
        self._entries: OrderedDict[str, dict[str, Prepared] | Refused] = OrderedDict()

    def get(self, query: str) -> dict[str, Prepared] | Refused | None:
        entry = self._entries.get(query)
        if entry is not None:
            self._entries.move_to_end(query)
        return entry

    def put(self, query: str, entry: dict[str, Prepared] | Refused) -> None:
        if len(query) > self._characters // 10 or query in self._entries:
            return
        self._entries[query] = entry
        self._used += len(query)
        while len(self._entries) > self._documents or self._used > self._characters:
            oldest, _ = self._entries.popitem(last=False)
            self._used -= len(oldest)


class DocumentReader:
    """Parses, checks, measures and validates documents for one schema, in this order: what is too
    large is never validated, since validation is what hostile documents make expensive."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, suggestions: bool
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._suggestions = suggestions

    def read(self, query: str) -> dict[str, Prepared] | Refused:
        """All operations of the document by name (an unnamed one under the empty name)."""
        try:
            document = parse(
                query, max_lexical_tokens=self._limits.tokens, max_comments=self._limits.tokens
            )
        except GraphQLError as error:
            return Refused(errors=(self._body_of_parse_error(error),))
        if excess := excess_as_written(document, self._limits):
            return too_large(excess)
        meter = Meter(self._schema, document, self._limits)
        if (refusal := self._refusal_before_measuring(document, meter)) is not None:
            return refusal
        operations = _prepare_all(document, meter)
        for prepared in operations.values():
            if excess := excess_as_executed(prepared.usage, self._limits):
                return too_large(excess)
        return self._refusal_of_rules(document) or operations

    def _refusal_before_measuring(self, document: DocumentNode, meter: Meter) -> Refused | None:
        if not self._introspection and introspects(document):
            return refused("INTROSPECTION_OFF", "This service does not show its schema.")
        if meter.cycle is not None:
            name = meter.cycle.fragment[:80]
            return refused("FRAGMENT_CYCLE", f"The fragment {name} contains itself.")
        return None

    def _refusal_of_rules(self, document: DocumentNode) -> Refused | None:
        invalid = validate(
            self._schema,
            document,
            RULES,
            max_errors=MOST_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        errors = [body_of_document_error(error, "VALIDATION_FAILED") for error in invalid]
        return Refused(errors=tuple(errors)) if errors else None

    def _body_of_parse_error(self, error: GraphQLError) -> ErrorBody:
        if re.search(r"contains more than \d+ (tokens|comments)", error.message):
            limit = self._limits.tokens
            return error_body(
                "TOKENS_LIMIT",
                f"The document is longer than {limit} tokens.",
                limit=limit,
                found=limit + 1,
            )
        return body_of_document_error(error, "PARSE_FAILED")


def _prepare_all(document: DocumentNode, meter: Meter) -> dict[str, Prepared]:
    """Each operation under its name. Where pages depend on variables, the smallest possible size:
    the true one is measured when the variables are known."""
    pages = page_variables(document)
    unknown = dict.fromkeys(pages, 0)
    fragments = {
        part.name.value: FragmentDetails(part)
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    conditions = _has_conditions(document)
    return {
        (part.name.value if part.name else ""): Prepared(
            kind=OperationKind(part.operation.value),
            name=part.name.value if part.name else None,
            root_fields=_root_fields(part, fragments),
            document=document,
            operation=part,
            fragments=fragments,
            tokens=document.token_count,
            usage=meter.measure(part, unknown),
            page_variables=pages,
            meter=meter,
            has_conditions=conditions,
        )
        for part in document.definitions
        if isinstance(part, OperationDefinitionNode)
    }


def _root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDetails]
) -> tuple[str, ...]:
    """The field behind each key of the answer: one field under two aliases is answered twice."""
    names: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                key = node.alias or node.name
                names[key.value] = node.name.value
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                waiting.append(fragments[node.name.value].definition.selection_set)
    return tuple(names.values())


def _has_conditions(document: DocumentNode) -> bool:
    """Whether what is selected depends on variables (@skip, @include)."""
    return any(
        node.directives
        for part in document.definitions
        for selections, _ in selection_sets(part)
        for node in selections
    )


def refused(code: str, message: str) -> Refused:
    return Refused(errors=(error_body(code, message),))


def too_large(excess: list[Excess]) -> Refused:
    return Refused(
        errors=tuple(
            error_body(one.code, one.message, limit=one.limit, found=one.found) for one in excess
        )
    )
