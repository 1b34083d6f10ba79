"""The sizes at which an operation is refused, and the checks of a document as it is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    SelectionNode,
    SelectionSetNode,
)

MOST_SHOWN = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The sizes at which an operation is refused.

    As written: characters, tokens, operations, fragments, directives, repeats (of one name in one
    selection).
    As executed, with fragments expanded: depth, aliases, page (`first`), rows (the product of
    `first` down nested connections) and cost (fields that may be answered).
    """

    characters: int = 100_000
    tokens: int = 2_000
    operations: int = 10
    fragments: int = 100
    directives: int = 8
    repeats: int = 20
    depth: int = 24
    aliases: int = 30
    page: int = 100
    rows: int = 20_000
    cost: int = 200_000


class Usage(NamedTuple):
    """What an operation asks for, fragments expanded."""

    depth: int = 0
    aliases: int = 0
    page: int = 0
    rows: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """One limit that an operation exceeds."""

    code: str
    message: str
    limit: int
    found: int


def excess_as_written(document: DocumentNode, limits: Limits) -> list[Excess]:
    """The limits that need no schema; to be asked before anything else looks at the document."""
    fragments = sum(isinstance(part, FragmentDefinitionNode) for part in document.definitions)
    directives = repeats = nesting = 0
    for part in document.definitions:
        directives += len(getattr(part, "directives", None) or ())
        for selections, level in selection_sets(part):
            nesting = max(nesting, level)
            repeats = max(repeats, _most_repeated(selections))
            directives += sum(len(node.directives or ()) for node in selections)
    found = {
        "operations": (len(document.definitions) - fragments, limits.operations),
        "fragments": (fragments, limits.fragments),
        "directives": (directives, limits.directives),
        "repeats": (repeats, limits.repeats),
        # Inline fragments add no depth, yet every one is a level for whoever walks the document.
        "nesting": (nesting, 2 * limits.depth),
    }
    return [_excess(what, size, limit) for what, (size, limit) in found.items() if size > limit]


def excess_of_length(query: str, limits: Limits) -> list[Excess]:
    """Even reading a text to its end costs time, so the length is asked before anything else."""
    if len(query) <= limits.characters:
        return []
    return [_excess("characters", len(query), limits.characters)]


def excess_as_executed(usage: Usage, limits: Limits) -> list[Excess]:
    return [
        _excess(what, size, getattr(limits, what))
        for what, size in zip(Usage._fields, usage, strict=True)
        if size > getattr(limits, what)
    ]


def introspects(document: DocumentNode) -> bool:
    """Whether the document asks for the schema itself (`__typename` does not)."""
    return any(
        isinstance(node, FieldNode) and node.name.value in {"__schema", "__type"}
        for part in document.definitions
        for selections, _ in selection_sets(part)
        for node in selections
    )


def selection_sets(part: object) -> Iterator[tuple[tuple[SelectionNode, ...], int]]:
    """Every selection set of a definition with its level, without recursion."""
    waiting: list[tuple[SelectionSetNode, int]] = []
    first = getattr(part, "selection_set", None)
    if first is not None:
        waiting.append((first, 1))
    while waiting:
        selection_set, level = waiting.pop()
        yield selection_set.selections, level
        for node in selection_set.selections:
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                waiting.append((inner, level + 1))


def _most_repeated(selections: Iterable[SelectionNode]) -> int:
    """Validation compares each pair of fields of one name, so their number is bounded."""
    names = Counter(
        node.alias.value
        if isinstance(node, FieldNode) and node.alias
        else node.name.value
        if isinstance(node, FieldNode)
        else f"...{node.name.value}"
        if isinstance(node, FragmentSpreadNode)
        else "..."
        for node in selections
    )
    return max(names.values(), default=0)


def _excess(what: str, found: int, limit: int) -> Excess:
    shown = min(found, MOST_SHOWN)
    return Excess(
        code=f"{'DEPTH' if what == 'nesting' else what.upper()}_LIMIT",
        message=_SENTENCES[what].format(found=shown, limit=limit),
        limit=limit,
        found=shown,
    )


_SENTENCES = {
    "characters": "The document is {found} characters long; at most {limit} are allowed.",
    "operations": "The document holds {found} operations; at most {limit} are allowed.",
    "fragments": "The document holds {found} fragments; at most {limit} are allowed.",
    "directives": "The document uses {found} directives; at most {limit} are allowed.",
    "repeats": "One selection names the same field {found} times; at most {limit} are allowed.",
    "nesting": "The document nests its selections {found} deep; at most {limit} are allowed.",
    "depth": "The operation is {found} fields deep; at most {limit} are allowed.",
    "aliases": "The operation uses {found} aliases; at most {limit} are allowed.",
    "page": "A page of {found} was asked for; at most {limit} are allowed.",
    "rows": "The operation may read {found} rows; at most {limit} are allowed.",
    "cost": "The operation may answer {found} fields; at most {limit} are allowed.",
}
