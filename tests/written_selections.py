"""The selection of everything that a type answers, written from the schema."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

DEEPEST = 5


@dataclass(frozen=True, slots=True)
class SelectionWriter:
    """Writes one selection, and keeps the arguments met on the way as variables of the document,
    each named for its type, field and argument."""

    schema: GraphQLSchema
    variables: dict[str, Any] = field(default_factory=dict)

    def selection(self, kind: Any, depth: int = 1) -> str:
        """Every field of a value, down to the deepest level; nothing for a scalar."""
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if depth > DEEPEST:
            return " { __typename }"
        if isinstance(named, GraphQLObjectType):
            return f" {{ __typename {self._fields(named, depth, '')} }}"
        assert isinstance(named, GraphQLInterfaceType | GraphQLUnionType)
        return f" {{ __typename {' '.join(self._fragments(named, depth))} }}"

    def _fragments(
        self, abstract: GraphQLInterfaceType | GraphQLUnionType, depth: int
    ) -> Iterator[str]:
        for possible in self.schema.get_possible_types(abstract):
            # Two types may answer the same name with different kinds, hence the aliases.
            fields = self._fields(possible, depth, f"{possible.name}_")
            yield f"... on {possible.name} {{ {fields} }}"

    def _fields(self, kind: GraphQLObjectType, depth: int, prefix: str) -> str:
        # The edges of a connection hold what its nodes hold.
        names = [name for name in kind.fields if name != "edges" or "nodes" not in kind.fields]
        return " ".join(self._field(kind, name, depth, prefix) for name in names)

    def _field(self, kind: GraphQLObjectType, name: str, depth: int, prefix: str) -> str:
        asked = kind.fields[name]
        alias = f"{prefix}{name}: " if prefix else ""
        arguments = self._arguments(f"{kind.name}_{name}", asked)
        return f"{alias}{name}{arguments}{self.selection(asked.type, depth + 1)}"

    def _arguments(self, place: str, asked: GraphQLField) -> str:
        passed = []
        for name, argument in asked.args.items():
            if name == "first":
                passed.append("first: 2")
            else:
                self.variables[f"{place}_{name}"] = argument.type
                passed.append(f"{name}: ${place}_{name}")
        return f"({', '.join(passed)})" if passed else ""
