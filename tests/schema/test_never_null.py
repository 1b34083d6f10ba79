"""A null for what cannot be taken away, over HTTP: told in the payload as a librarian would say
it, for every such input of the schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLInputField, GraphQLInputObjectType, GraphQLNonNull
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryMaybe

from schema.ids import PREFIXES, encoded
from schema.never_null import is_never_null
from schema.root import build_schema
from tests.cast import CARL, CEDAR, OLIVE
from tests.database_server import Database
from tests.desk import Desk
from tests.written import nothing_written
from tests.written_operations import RootField, root_fields

SCHEMA = build_schema()._schema
NOWHERE = {record: encoded(prefix, UUID(int=7)) for record, prefix in PREFIXES.items()}
SHOWN = "{ userErrors { __typename message path } }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavable:
    """A field of a command's input that may be left out, and whether it may be null."""

    command: RootField
    kind: GraphQLInputObjectType
    name: str
    never_null: bool

    def __str__(self) -> str:
        return f"{self.command.name}.{self.name}"

    def given(self) -> dict[str, Any]:
        values: dict[str, Any] = self.command.variables(NOWHERE)["input"]
        return {name: value for name, value in values.items() if name != self.name}

    def answers(self, desk: Desk) -> Iterator[tuple[int, dict[str, Any]]]:
        """With the null in a variable for the whole input, as a literal, and in one of its own."""
        name, given = self.command.name, self.given()
        whole = f"mutation($input: {self.kind}!) {{ {name}(input: $input) {SHOWN} }}"
        yield from _sent(desk, whole, {"input": {**given, self.name: None}})
        own = {one: str(self.kind.fields[one].type) for one in given}
        passed = ", ".join(f"{one}: ${one}" for one in own)
        literal = f"{name}(input: {{ {passed} {self.name}: null }}) {SHOWN}"
        yield from _sent(desk, f"mutation{_declared(own)} {{ {literal} }}", given)
        own[self.name] = str(self.kind.fields[self.name].type)
        single = f"{name}(input: {{ {passed} {self.name}: ${self.name} }}) {SHOWN}"
        nulled = {**given, self.name: None}
        yield from _sent(desk, f"mutation{_declared(own)} {{ {single} }}", nulled)


def _sent(
    desk: Desk, document: str, variables: dict[str, Any]
) -> Iterator[tuple[int, dict[str, Any]]]:
    response = desk.send(document, variables)
    yield response.status_code, response.json()


def _declared(kinds: dict[str, str]) -> str:
    listed = ", ".join(f"${name}: {kind}" for name, kind in kinds.items())
    return f"({listed})" if listed else ""


def _may_be_left(field: GraphQLInputField) -> bool:
    origin = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    return isinstance(origin.type, StrawberryMaybe)


def _input_of(command: RootField) -> object:
    kind = command.arguments.get("input")
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


LEAVABLE = [
    Leavable(command=command, kind=kind, name=name, never_null=is_never_null(field))
    for command in root_fields(SCHEMA)
    if command.is_command
    for kind in [_input_of(command)]
    if isinstance(kind, GraphQLInputObjectType)
    for name, field in kind.fields.items()
    if _may_be_left(field)
]


def test_every_input_that_may_be_left_out_is_walked() -> None:
    everywhere = {
        (kind.name, name)
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLInputObjectType) and not kind.name.startswith("__")
        for name, field in kind.fields.items()
        if _may_be_left(field)
    }
    assert {(one.kind.name, one.name) for one in LEAVABLE} == everywhere
    assert ("UserChangeInput", "lastName") in everywhere


@pytest.mark.parametrize("one", LEAVABLE, ids=str)
def test_a_null_is_answered_in_the_payload_and_writes_nothing(
    client: Desk, database: Database, one: Leavable
) -> None:
    sentence = f"`{one.name}` cannot be empty; leave it out to keep what stands."
    told = {"__typename": "InvalidInputError", "message": sentence, "path": ["input", one.name]}
    with nothing_written(database, CEDAR):
        for status, body in one.answers(client.as_(CARL)):
            assert (status, "errors" in body) == (200, False), body
            errors = body["data"][one.command.name]["userErrors"]
            assert (errors == [told]) is one.never_null, body


def test_every_null_of_a_command_is_told(client: Desk) -> None:
    given = {"id": NOWHERE["User"], "lastName": None, "identifiers": None, "expiresOn": None}
    document = f"mutation($input: UserChangeInput!) {{ userChange(input: $input) {SHOWN} }}"
    errors = client.as_(CARL).ask(document, input=given)["userChange"]["userErrors"]
    assert [error["path"] for error in errors] == [["input", "lastName"], ["input", "identifiers"]]


def test_who_may_not_give_the_command_hears_only_that(client: Desk) -> None:
    given = {"id": NOWHERE["User"], "lastName": None}
    document = f"mutation($input: UserChangeInput!) {{ userChange(input: $input) {SHOWN} }}"
    [error] = client.as_(OLIVE).ask(document, input=given)["userChange"]["userErrors"]
    assert error["__typename"] == "NotPermittedError"
