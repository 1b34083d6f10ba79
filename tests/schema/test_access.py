"""The table of who may call which field, tried for every question, every command and every role
over HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rules.roles import Permission, Role
from schema.access import ACCESS
from schema.root import build_schema
from tests.cast import ASHFORD, BIRCHWOOD, HOUSES, ONE_OF_EACH_ROLE, Person
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.possessions import possess, samples_of
from tests.undone import undoing_pool
from tests.written_operations import RootField, root_fields

FIELDS = root_fields(build_schema()._schema)
EXPECTED_CODES = {"NOT_PERMITTED", "INVALID_INPUT"}
"""Any other code would say that the document was not executed, or that there is a bug."""

each_field = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.coordinate)
each_role = pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)


@pytest.fixture(scope="module")
def desk(database: Database, data_folder: Path) -> Iterator[Desk]:
    """An application whose commands are all undone. At Ashford every role holds every permission,
    at Birchwood none does."""
    for code in HOUSES:
        possess(database, code)
        with database.owner(code) as connection:
            connection.execute("DELETE FROM permission_grant")
    for permission in Permission:
        for role in Role:
            database.put("permission_grant", ASHFORD, permission=permission.value, role=role.value)
    sizes = {"graphql_tokens": 20_000, "graphql_aliases": 5_000, "graphql_rows": 10_000_000}
    pool = undoing_pool(database.app_url)
    with open_desk(database, data_folder, pool=pool, **sizes) as desk:
        yield desk


def test_the_table_has_a_row_for_each_root_field_and_no_other() -> None:
    assert ACCESS.keys() == {field.coordinate for field in FIELDS}


@each_role
@each_field
def test_a_role_may_call_what_the_table_says_and_nothing_else(
    desk: Desk, field: RootField, role: Role
) -> None:
    person = ONE_OF_EACH_ROLE[role]
    assert _is_permitted(desk, field, person) is (role in ACCESS[field.coordinate].roles)


@each_field
def test_a_role_that_has_expired_may_nothing(desk: Desk, field: RootField) -> None:
    role = min(ACCESS[field.coordinate].roles, key=lambda role: role.value)
    person = ONE_OF_EACH_ROLE[role]
    grants = [replace(grant, expires_at=desk.clock.now) for grant in person.grants]
    answer = desk.as_(person, *grants).send(field.document, _variables(field, person))
    assert "NOT_PERMITTED" in answer.text or "NotPermittedError" in answer.text


@each_field
def test_a_permission_is_needed_beside_the_role(desk: Desk, field: RootField) -> None:
    access = ACCESS[field.coordinate]
    for role in access.roles - {Role.NETWORK_ADMINISTRATOR}:
        person = replace(ONE_OF_EACH_ROLE[role], institution_code=BIRCHWOOD)
        needed = access.permission or access.permission_at_times
        assert _is_permitted(desk, field, person) is (needed is None)


@each_field
def test_nobody_calls_anything_without_signing_in(desk: Desk, field: RootField) -> None:
    answer = desk.as_(None).send(field.document, _variables(field, ONE_OF_EACH_ROLE[Role.AUDITOR]))
    assert answer.status_code == 401
    assert answer.json().keys() == {"errors"}


def _is_permitted(desk: Desk, field: RootField, person: Person) -> bool:
    """Whether the field was answered, or refused for another reason than the person."""
    body = desk.as_(person).answer(field.document, **_variables(field, person))
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    assert codes <= EXPECTED_CODES, body
    if not field.is_command:
        return "NOT_PERMITTED" not in codes
    payload = body["data"][field.name]
    kinds = {error["__typename"] for error in payload["userErrors"]}
    if "NotPermittedError" in kinds:
        # A refused command answers nothing beside its errors.
        assert [key for key in payload if _is_record(key) and payload[key]] == []
    return "NotPermittedError" not in kinds


def _is_record(key: str) -> bool:
    return key not in {"__typename", "userErrors"}


def _variables(field: RootField, person: Person) -> dict[str, object]:
    return field.variables(samples_of(person.institution_code or ASHFORD))
