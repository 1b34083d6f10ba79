"""Operations written from the schema itself: for every root field a document that selects all it
answers, variables that satisfy it, and the places where an id or a text goes in. What is added to
the schema tomorrow is walked tomorrow."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_input_field,
)

from schema.ids import PREFIXES

Path = tuple[str | int, ...]

DEEPEST_SELECTION = 5

SAMPLES: dict[str, Any] = {
    "String": "A text",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "DateTime": "2026-12-01T12:00:00Z",
    "Date": "2026-12-01",
}
"""A value for each scalar; a text that must have a form stands in NAMED_SAMPLES."""

NAMED_SAMPLES: dict[str, Any] = {
    "first": 5,
    "code": "NEW_CODE",
    "rowId": "NEW_ROW",
    "identifier": "somebody",
    "itemBarcode": "ITEM-1",
}

RECORD_OF_NAME = {
    "block": "UserBlock",
    "blockedAction": "BlockedActionCode",
    "definition": "BlockDefinition",
    "description": "BlockDescription",
    "descriptions": "BlockDescription",
    "desk": "CirculationDesk",
    "note": "UserNote",
    "pass": "GatePass",
    "record": "UserBlock",
    "report": "JobReport",
    "token": "ApiToken",
}
"""The record that an input means where its name is not simply the record's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere in the variables of an operation: an id, or a text."""

    path: Path
    is_id: bool
    record: str

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A question or a command, with the document that asks it."""

    coordinate: str
    document: str
    arguments: dict[str, Any]
    places: tuple[Place, ...]

    @property
    def is_command(self) -> bool:
        return self.coordinate.startswith("Mutation.")

    @property
    def name(self) -> str:
        return self.coordinate.partition(".")[2]

    def variables(self, ids: dict[str, str], chosen: dict[Place, str]) -> dict[str, Any]:
        """What the field requires, with an id for each record, and the chosen values in their
        places."""
        written: dict[str, Any] = {}
        for name, kind in self.arguments.items():
            if isinstance(kind, GraphQLNonNull):
                written[name] = _required_value(kind, name, self.name, ids)
        for place, value in chosen.items():
            kind = self.arguments[str(place.path[0])]
            written = _with_value(written, self.arguments, place.path, value, (self.name, ids, kind))
        return written


def root_fields(schema: GraphQLSchema) -> list[RootField]:
    """Every question and every command of the schema."""
    found = []
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        for name, field in root.fields.items():
            found.append(_root_field(root, name, field))
    return found


def _root_field(root: GraphQLObjectType, name: str, field: GraphQLField) -> RootField:
    operation = "mutation" if root.name == "Mutation" else "query"
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    passed = ", ".join(f"{key}: ${key}" for key in field.args)
    head = f"{operation} Walk({declared})" if declared else operation
    call = f"{name}({passed})" if passed else name
    arguments = {key: argument.type for key, argument in field.args.items()}
    places = [
        place
        for key, kind in arguments.items()
        for place in _places(kind, key, (key,), name)
    ]
    return RootField(
        coordinate=f"{root.name}.{name}",
        document=f"{head} {{ {call}{_selection(field.type, 1)} }}",
        arguments=arguments,
        places=tuple(places),
    )


def _selection(kind: Any, depth: int) -> str:
    """Everything a value answers, to the deepest level."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if depth > DEEPEST_SELECTION:
        return " { __typename }"
    if isinstance(named, GraphQLObjectType):
        return f" {{ __typename {_fields(named, depth, '')} }}"
    assert isinstance(named, GraphQLInterfaceType | GraphQLUnionType)
    return f" {{ __typename {' '.join(_fragments(named, depth))} }}"


def _fragments(abstract: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> Iterator[str]:
    schema = _SCHEMAS[-1]
    for possible in schema.get_possible_types(abstract):
        # Two types may answer the same name with different kinds, hence the aliases.
        yield f"... on {possible.name} {{ {_fields(possible, depth, f'{possible.name}_')} }}"


def _fields(kind: GraphQLObjectType, depth: int, prefix: str) -> str:
    return " ".join(
        f"{f'{prefix}{name}: ' if prefix else ''}{name}{_nested_arguments(field)}"
        f"{_selection(field.type, depth + 1)}"
        for name, field in kind.fields.items()
    )


def _nested_arguments(field: GraphQLField) -> str:
    return "(first: 2)" if "first" in field.args else ""


_SCHEMAS: list[GraphQLSchema] = []


def _places(kind: Any, name: str, path: Path, root: str) -> Iterator[Place]:
    if isinstance(kind, GraphQLNonNull):
        yield from _places(kind.of_type, name, path, root)
    elif isinstance(kind, GraphQLList):
        yield from _places(kind.of_type, name, (*path, 0), root)
    elif isinstance(kind, GraphQLInputObjectType):
        for key, field in kind.fields.items():
            yield from _places(field.type, key, (*path, key), root)
    elif str(kind) in {"ID", "String"}:
        yield Place(path=path, is_id=str(kind) == "ID", record=_record_meant(name, root))


def _record_meant(name: str, root: str) -> str:
    """The record whose id goes into an input of this name: `user`, `userIds`, `targetUser`."""
    plain = name.removesuffix("Ids").removesuffix("Id").removesuffix("s")
    for meant in (RECORD_OF_NAME.get(name), RECORD_OF_NAME.get(plain)):
        if meant is not None:
            return meant
    for record in sorted(PREFIXES, key=len, reverse=True):
        if plain.lower() == record.lower() or plain.endswith(record):
            return record
    for record in sorted(PREFIXES, key=len, reverse=True):
        if root.lower().startswith(record.lower()):
            return record
    return "User"


def _required_value(kind: Any, name: str, root: str, ids: dict[str, str]) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _required_value(kind.of_type, name, root, ids)
    if isinstance(kind, GraphQLList):
        return [_required_value(kind.of_type, name, root, ids)]
    if isinstance(kind, GraphQLInputObjectType):
        required = {
            key: field for key, field in kind.fields.items() if is_required_input_field(field)
        }
        if kind.is_one_of:
            key = next(iter(kind.fields))
            required = {key: kind.fields[key]}
        return {
            key: _required_value(field.type, key, root, ids) for key, field in required.items()
        }
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if str(kind) == "ID":
        return ids[_record_meant(name, root)]
    return NAMED_SAMPLES.get(name, SAMPLES[str(kind)])


def _with_value(
    written: dict[str, Any],
    kinds: dict[str, Any],
    path: Sequence[str | int],
    value: str,
    maker: tuple[str, dict[str, str], Any],
) -> dict[str, Any]:
    """The variables with a value in its place, and whatever it stands in made on the way."""
    result = copy.deepcopy(written)
    root, ids, kind = maker
    holder: Any = result
    for step, following in zip(path, [*path[1:], None], strict=True):
        named = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if following is None:
            _put(holder, step, value)
            break
        if _get(holder, step) is None:
            _put(holder, step, _required_value(named, str(step), root, ids))
        holder = _get(holder, step)
        if isinstance(named, GraphQLList):
            kind = named.of_type
        elif isinstance(named, GraphQLInputObjectType):
            if named.is_one_of:
                holder.clear()
            kind = named.fields[str(following)].type
    return result


def _get(holder: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return holder[step] if step < len(holder) else None
    return holder.get(step)


def _put(holder: Any, step: str | int, value: Any) -> None:
    if isinstance(step, int) and step >= len(holder):
        holder.append(value)
    else:
        holder[step] = value
