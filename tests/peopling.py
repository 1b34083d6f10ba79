"""Writes the cast into a database, row by row in SQL: no code under test has a hand in it."""

from psycopg import Connection
from psycopg.rows import TupleRow

from rules.actions import PRESET_CODES, Action
from rules.name_keys import name_keys
from rules.roles import STAFF_ROLES, Permission, Role
from tests.cast import BLOCK_KINDS, CEDAR, HOUSES, NOW, Person, fixed_id, records_of
from tests.database_server import Database, put_row

GROUPS = (("STUDENT", "Student"), ("FACULTY", "Faculty"), ("STAFF", "Staff"))


def people(database: Database) -> None:
    """The three institutions, their places and block tables, and everyone's record."""
    with database.owner(None) as connection:
        for house in HOUSES.values():
            columns: dict[str, object] = {
                "institution_code": house.code,
                "name": house.name,
                "time_zone": house.time_zone,
                "currency": house.currency,
                "languages": list(house.languages),
            }
            put_row(connection, "institution", columns)
    for code in HOUSES:
        with database.owner(code) as connection:
            _put_places(connection, code)
            _put_block_tables(connection, code)
            for person in records_of(code):
                put_person(connection, person)
            _put_permissions(connection, code)


def put_person(connection: Connection[TupleRow], person: Person) -> None:
    """A person's account, identifiers and roles."""
    code = person.institution_code or ""
    name_key, first_name_key = name_keys(person.first_name, person.last_name)
    account: dict[str, object] = {
        "institution_code": code,
        "id": person.id,
        "primary_id": person.primary_id,
        "primary_id_key": person.primary_id.casefold(),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name_key": name_key,
        "first_name_key": first_name_key,
        "user_group_id": HOUSES[code].group_id("STAFF" if person.is_staff else "STUDENT"),
        "record_type": "STAFF" if person.is_staff else "PUBLIC",
        "created_at": NOW.replace(year=2024),
    }
    put_row(connection, "user_account", account)
    if person.barcode is not None:
        identifier = {
            "user_id": person.id,
            "type_code": "BARCODE",
            "value": person.barcode,
            "value_key": person.barcode.casefold(),
        }
        _put(connection, code, "user_identifier", person.primary_id, **identifier)
    for role in person.roles:
        name = f"{person.primary_id}/{role.value}"
        _put(connection, code, "user_role", name, user_id=person.id, role=role.value)


def _put_places(connection: Connection[TupleRow], code: str) -> None:
    house = HOUSES[code]
    for library, name in (("MAIN", "Main Library"), ("LAW", "Law Library")):
        _put(connection, code, "library", library, code=library, name=name)
        desk = f"{library}_DESK"
        columns = {"library_id": house.library_id(library), "code": desk, "name": f"{name}, desk"}
        _put(connection, code, "circulation_desk", desk, **columns)
    for group, name in GROUPS:
        _put(connection, code, "user_group", group, code=group, name=name)


def _put_block_tables(connection: Connection[TupleRow], code: str) -> None:
    house = HOUSES[code]
    for preset, name, actions in PRESET_CODES:
        stopped = [action.value for action in Action if action in actions]
        columns = {"code": preset, "name": name, "actions": stopped}
        _put(connection, code, "blocked_action_code", preset, **columns)
    for position, kind in enumerate(BLOCK_KINDS):
        _put(
            connection,
            code,
            "block_description",
            kind.code,
            code=kind.code,
            text=kind.text,
            is_enabled=kind.is_enabled,
            is_default=kind.is_default,
            position=position,
        )
        if kind.blocked_action is None:
            continue
        _put(
            connection,
            code,
            "block_definition",
            kind.code,
            row_id=kind.code,
            description_id=house.description_id(kind.code),
            description_code=kind.code,
            blocked_action_code_id=house.code_id(kind.blocked_action),
            block_type=kind.block_type,
            overridable=kind.overridable,
            is_network_block=kind.is_network_block,
        )


def _put_permissions(connection: Connection[TupleRow], code: str) -> None:
    """Managers hold every permission; at Cedar every staff role does."""
    roles = STAFF_ROLES if code == CEDAR else {Role.CIRCULATION_DESK_MANAGER}
    for permission in Permission:
        for role in roles:
            name = f"{permission.value}/{role.value}"
            columns = {"permission": permission.value, "role": role.value}
            _put(connection, code, "permission_grant", name, **columns)


def _put(
    connection: Connection[TupleRow], house: str, table: str, name: str, /, **columns: object
) -> None:
    row = {"institution_code": house, "id": fixed_id(house, table, name), **columns}
    put_row(connection, table, row)
