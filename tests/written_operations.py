"""Operations written from the schema itself: for every root field a document that selects all it
answers, variables that satisfy it, and the places where an id or a text goes in. What is added to
the schema tomorrow is walked tomorrow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_required_input_field,
)

from schema.ids import PREFIXES
from tests.written_selections import SelectionWriter

SAMPLES: dict[str, Any] = {
    "String": "A text",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "DateTime": "2026-12-01T12:00:00Z",
    "Date": "2026-12-01",
}
"""A value for each scalar."""

NAMED_SAMPLES: dict[str, Any] = {
    "first": 5,
    "code": "NEW_CODE",
    "rowId": "NEW_ROW",
    "at": "2026-11-22T12:00:00Z",
    "ReasonCode": "USER_BLOCK",
}
"""A value for inputs and enums where not any value will do."""

RECORD_MEANT: dict[str, str] = {
    "block": "UserBlock",
    "blockedAction": "BlockedActionCode",
    "definition": "BlockDefinition",
    "description": "BlockDescription",
    "desk": "CirculationDesk",
    "note": "UserNote",
    "pass": "GatePass",
    "record": "UserBlock",
    "report": "JobReport",
    "token": "ApiToken",
}
"""The record that an input means where its name is not simply the record's."""

Step = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere in the variables of an operation: an id, or a text. `record` is the record that
    an id there would name."""

    path: tuple[Step, ...]
    is_id: bool
    record: str

    @property
    def is_in_answer(self) -> bool:
        """Whether it belongs to a field of what is answered, and not to the root field itself."""
        return "_" in str(self.path[0])

    def __str__(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class RootField:
    """A question or a command, with the document that asks it."""

    coordinate: str
    document: str
    arguments: Mapping[str, Any]
    places: tuple[Place, ...]

    @property
    def is_command(self) -> bool:
        return self.coordinate.startswith("Mutation.")

    @property
    def name(self) -> str:
        return self.coordinate.partition(".")[2]

    def variables(self, own: Mapping[str, str]) -> dict[str, Any]:
        """What the field requires. `own` has an id for each record by the record's name, and
        values by the input's name, which are given where they are not required too."""
        return {
            name: self._required(kind, _input_name(name), own)
            for name, kind in self.arguments.items()
            if isinstance(kind, GraphQLNonNull)
        }

    def variables_with(self, place: Place, value: str, own: Mapping[str, str]) -> dict[str, Any]:
        """The same with a value in one place, and whatever that stands in."""
        name, *rest = place.path
        variables = self.variables(own)
        kind = self.arguments[str(name)]
        variables[str(name)] = self._placed(
            variables.get(str(name)), kind, (_input_name(str(name)), *rest), value, own
        )
        return variables

    def _required(self, kind: Any, name: str, own: Mapping[str, str]) -> Any:
        match kind:
            case GraphQLNonNull():
                return self._required(kind.of_type, name, own)
            case GraphQLList():
                return [self._required(kind.of_type, name, own)]
            case GraphQLInputObjectType():
                return {
                    key: self._required(field.type, key, own)
                    for number, (key, field) in enumerate(kind.fields.items())
                    if is_required_input_field(field)
                    or (key in own and not kind.is_one_of)
                    or (number == 0 and kind.is_one_of)
                }
            case GraphQLEnumType():
                return NAMED_SAMPLES.get(kind.name, next(iter(kind.values)))
        if str(kind) == "ID":
            return own.get(name) or own[record_meant(name, self.name)]
        return own.get(name) or NAMED_SAMPLES.get(name, SAMPLES[str(kind)])

    def _placed(
        self, held: Any, kind: Any, path: tuple[Step, ...], value: str, own: Mapping[str, str]
    ) -> Any:
        """What stands at the first step of the path, with the value at its end."""
        named = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        name, *rest = path
        if not rest:
            return value
        if held is None:
            held = self._required(named, str(name), own)
        following = rest[0]
        if isinstance(named, GraphQLList):
            # The step into a list keeps the list's name, by which a text or id is chosen.
            inner = self._placed(held[0], named.of_type, (name, *rest[1:]), value, own)
            return [inner]
        field = named.fields[following]
        inner = self._placed(held.get(following), field.type, tuple(rest), value, own)
        return {following: inner} if named.is_one_of else {**held, following: inner}


def root_fields(schema: GraphQLSchema) -> list[RootField]:
    """Every question and every command of the schema."""
    roots = (schema.query_type, schema.mutation_type)
    return [
        _root_field(schema, root, name, field)
        for root in roots
        if root is not None
        for name, field in root.fields.items()
    ]


def record_meant(name: str, root: str) -> str:
    """The record whose id goes into an input of this name.

    >>> record_meant("user", "userBlockAdd"), record_meant("id", "jobReport")
    ('User', 'JobReport')
    """
    plain = name.removesuffix("Ids").removesuffix("Id")
    plain = plain if plain.endswith("ss") else plain.removesuffix("s")
    if plain in RECORD_MEANT:
        return RECORD_MEANT[plain]
    records = sorted(PREFIXES, key=len, reverse=True)
    by_name = (r for r in records if plain.lower() == r.lower() or plain.endswith(r))
    by_root = (r for r in records if root.lower().startswith(r.lower()))
    return next(by_name, None) or next(by_root, "User")


def _root_field(
    schema: GraphQLSchema, root: GraphQLObjectType, name: str, field: GraphQLField
) -> RootField:
    own = {key: argument.type for key, argument in field.args.items()}
    writer = SelectionWriter(schema)
    selection = writer.selection(field.type)
    arguments = own | writer.variables
    declared = ", ".join(f"${key}: {kind}" for key, kind in arguments.items())
    passed = ", ".join(f"{key}: ${key}" for key in own)
    operation = "mutation" if root.name == "Mutation" else "query"
    head = f"{operation} Walk({declared})" if declared else operation
    call = f"{name}({passed})" if passed else name
    places = (
        place
        for key, kind in arguments.items()
        for place in _places(kind, (key,), _input_name(key), name)
    )
    return RootField(
        coordinate=f"{root.name}.{name}",
        document=f"{head} {{ {call}{selection} }}",
        arguments=arguments,
        places=tuple(places),
    )


def _input_name(variable: str) -> str:
    """The argument that a variable goes into; those further down are named for their field too."""
    return variable.rpartition("_")[2]


def _places(kind: Any, path: tuple[Step, ...], name: str, root: str) -> Iterator[Place]:
    match kind:
        case GraphQLNonNull():
            yield from _places(kind.of_type, path, name, root)
        case GraphQLList():
            yield from _places(kind.of_type, (*path, 0), name, root)
        case GraphQLInputObjectType():
            for key, field in kind.fields.items():
                yield from _places(field.type, (*path, key), key, root)
        case _ if str(kind) in {"ID", "String"}:
            yield Place(path=path, is_id=str(kind) == "ID", record=record_meant(name, root))
