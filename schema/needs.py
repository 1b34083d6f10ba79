"""What an operation's selection needs from the database: declared beside each field, and worked
out once per document."""

from collections.abc import Iterable, Iterator
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from rules.users import UserPart
from schema.context import Info

Notes = dict[str, object]

_METADATA_KEY = "needs"


def parts_needed(info: Info) -> frozenset[UserPart]:
    """The parts of users' records that the selection under this root field needs."""
    raw = info._raw_info
    key = f"parts:{raw.path.key}"
    notes = info.context.notes
    known = notes.get(key)
    if known is None:
        walk = _Walk(raw.schema, raw.fragments)
        known = notes[key] = frozenset(walk.parts(raw.field_nodes, raw.parent_type))
    return cast("frozenset[UserPart]", known)


def needs_of(field: StrawberryField) -> frozenset[UserPart]:
    """What one field declares."""
    return cast("frozenset[UserPart]", field.metadata.get(_METADATA_KEY, frozenset()))


class _Walk:
    """One walk over a selection; each fragment is visited once."""

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._seen: set[tuple[str, str]] = set()

    def parts(
        self, nodes: Iterable[FieldNode], parent: GraphQLObjectType | GraphQLInterfaceType
    ) -> Iterator[UserPart]:
        for node in nodes:
            field = parent.fields.get(node.name.value)
            if field is None:
                continue
            definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if isinstance(definition, StrawberryField):
                yield from needs_of(definition)
            kind = get_named_type(field.type)
            if node.selection_set is not None:
                yield from self._selection(node.selection_set, kind)

    def _selection(self, selection: SelectionSetNode, kind: object) -> Iterator[UserPart]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
                    yield from self.parts([node], kind)
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                narrowed = kind if condition is None else self._narrowed(condition.name.value)
                yield from self._selection(node.selection_set, narrowed)

    def _fragment(self, name: str) -> Iterator[UserPart]:
        fragment = self._fragments[name]
        narrowed = self._narrowed(fragment.type_condition.name.value)
        if (name, str(narrowed)) not in self._seen:
            self._seen.add((name, str(narrowed)))
            yield from self._selection(fragment.selection_set, narrowed)

    def _narrowed(self, name: str) -> object:
        return self._schema.get_type(name)
