"""One row in every table of an institution, for tests that try each table as a stranger."""

from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from rules.roles import Role
from schema.ids import PREFIXES, encoded
from tests.cast import CARL, HOUSES, NOW, Person, fixed_id, records_of
from tests.database_server import Database, put_row
from tests.peopling import put_person

FIRST = "possession"


def possess(database: Database, institution_code: str) -> None:
    """Fills the tables that the cast alone leaves empty."""
    patron = _patron(institution_code)
    staff = next(person for person in records_of(institution_code) if person.is_staff)
    with database.owner(institution_code) as connection:
        _put_all(connection, institution_code, _rows(institution_code, patron.id, FIRST), FIRST)
        for table, columns in _rows_once(institution_code, staff.id):
            _put(connection, institution_code, table, FIRST, columns)


def possess_more(database: Database, institution_code: str, count: int) -> None:
    """More patrons, each with a row of their own in every table that takes several."""
    for number in range(count):
        name = f"extra.{number}"
        patron = Person(
            primary_id=name,
            first_name="Extra",
            last_name=_patron(institution_code).last_name,
            institution_code=institution_code,
            roles=(Role.PATRON,),
            barcode=f"EXTRA-{number}",
        )
        with database.owner(institution_code) as connection:
            put_person(connection, patron)
            _put_all(connection, institution_code, _rows(institution_code, patron.id, name), name)


def possession(institution_code: str, table: str, name: str = FIRST) -> UUID:
    """The id of the row that was put into a table."""
    return fixed_id(institution_code, table, name)


def ids_of(institution_code: str) -> dict[str, UUID]:
    """A record of each kind that has an id for clients."""
    house = HOUSES[institution_code]
    possessed = {
        name: possession(institution_code, table) for name, table in _TABLES_OF_POSSESSIONS.items()
    }
    return possessed | {
        "User": _patron(institution_code).id,
        "BlockDescription": house.description_id("UNPAID"),
        "BlockDefinition": house.definition_id("UNPAID"),
        "BlockedActionCode": house.code_id("02"),
        "Library": house.library_id(),
        "CirculationDesk": house.desk_id(),
        "UserGroup": house.group_id(),
    }


def samples_of(institution_code: str) -> dict[str, str]:
    """The same as clients write them, and values for inputs by their name."""
    ids = {
        record: str(encoded(PREFIXES[record], number))
        for record, number in ids_of(institution_code).items()
    }
    return ids | {
        "identifier": _patron(institution_code).primary_id,
        "itemBarcode": "ITEM-1",
        "desk": ids["CirculationDesk"],
    }


_TABLES_OF_POSSESSIONS = {
    "UserBlock": "user_block",
    "UserNote": "user_note",
    "AccountBlock": "account_block",
    "GatePass": "gate_pass",
    "OverrideEvent": "override_event",
    "HistoryEvent": "history_event",
    "JobReport": "job_report",
    "ApiToken": "api_token",
    "BlockPreference": "block_preference",
    "PermissionGrant": "permission_grant",
    "Upload": "upload",
}


def _patron(code: str) -> Person:
    return next(person for person in records_of(code) if not person.is_staff)


def _put_all(
    connection: Connection[TupleRow],
    code: str,
    rows: list[tuple[str, dict[str, object]]],
    name: str,
) -> None:
    for table, columns in rows:
        _put(connection, code, table, name, columns)


def _put(
    connection: Connection[TupleRow], code: str, table: str, name: str, columns: dict[str, object]
) -> None:
    row = {"institution_code": code, "id": possession(code, table, name), **columns}
    put_row(connection, table, row)


def _rows_once(code: str, user_id: UUID) -> list[tuple[str, dict[str, object]]]:
    """What the first user must not have, and what there is once."""
    blocked: dict[str, object] = {"comment": "Shouted", "blocked_by": "max", "blocked_at": NOW}
    preference: dict[str, object] = {
        "reason": "ACCOUNT_EXPIRED",
        "actions": ["LOAN"],
        "overridable": "NONE",
    }
    return [
        ("account_block", {"user_id": user_id, **blocked}),
        ("block_preference", preference),
    ]


def _rows(code: str, user_id: UUID, name: str) -> list[tuple[str, dict[str, object]]]:
    house = HOUSES[code]
    about = {"user_id": user_id}
    made = {"created_by": "somebody", "created_at": NOW.replace(year=2025)}
    return [
        (
            "api_token",
            {
                "name": "Catalogue",
                "secret_hash": bytes(32),
                "grants": [{"role": "AUDITOR"}],
                **made,
            },
        ),
        ("permission_grant", {**about, "permission": "BLOCK_PATRON"}),
        ("user_note", {**about, **made, "note": "Prefers the side door"}),
        (
            "user_block",
            {
                **about,
                **made,
                "description_id": house.description_id("UNPAID"),
                "block_type": "CASH",
                "origin": "STAFF",
                "staff_note": f"A secret of {house.name}",
            },
        ),
        (
            "history_event",
            {
                **about,
                "at": NOW,
                "actor": "somebody",
                "channel": "STAFF",
                "deed": "user_note.add",
                "record_type": "USER_NOTE",
                "record_id": possession(code, "user_note", name),
                "fields": ["note"],
            },
        ),
        (
            "history_value",
            {"event_id": possession(code, "history_event", name), "after": {"note": "A secret"}},
        ),
        (
            "history_erasure",
            {**about, "at": NOW, "actor": "somebody", "reason": "asked", "erased_values": 1},
        ),
        (
            "gate_pass",
            {
                **about,
                "action": "LOAN",
                "item_barcode": "ITEM-1",
                "desk_id": house.desk_id(),
                "issued_to": "somebody",
                "issued_at": NOW,
                "expires_at": NOW.replace(hour=13),
                "rests_on": [],
            },
        ),
        (
            "override_event",
            {
                **about,
                "at": NOW,
                "outcome": "GRANTED",
                "operator": "somebody",
                "roles": ["CIRCULATION_DESK_MANAGER"],
                "desk_id": house.desk_id(),
                "library_id": house.library_id(),
                "action": "LOAN",
                "item_barcode": "ITEM-1",
                "reasons": [],
                "why": "Pays tomorrow",
                "pass_id": possession(code, "gate_pass", name),
            },
        ),
        (
            "job_report",
            {
                "kind": "REMOVE_BLOCKS",
                "status": "COMPLETED",
                "requested_by": "somebody",
                "requested_at": NOW,
            },
        ),
        (
            "job_record",
            {
                "report_id": possession(code, "job_report", name),
                "counter": "removed",
                "record_type": "USER_BLOCK",
                "record_id": possession(code, "user_block", name),
            },
        ),
        (
            "upload",
            {
                "uploaded_by": CARL.primary_id,
                "uploaded_at": NOW,
                "file_name": "descriptions.csv",
                "content": b"code,text",
            },
        ),
    ]
