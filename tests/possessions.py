"""One row in every table of an institution, for tests that try each table as a stranger."""

from psycopg import Connection
from psycopg.rows import TupleRow

from tests.cast import HOUSES, NOW, fixed_id, records_of
from tests.database_server import Database, put_row


def possess(database: Database, institution_code: str) -> None:
    """Fills the tables that the cast alone leaves empty."""
    with database.owner(institution_code) as connection:
        for table, columns in _rows(institution_code):
            _put(connection, institution_code, table, columns)


def possession(institution_code: str, table: str) -> object:
    """The id of the row that `possess` puts into a table."""
    return fixed_id(institution_code, table, "possession")


def _put(
    connection: Connection[TupleRow], code: str, table: str, columns: dict[str, object]
) -> None:
    row = {"institution_code": code, "id": possession(code, table), **columns}
    put_row(connection, table, row)


def _rows(code: str) -> list[tuple[str, dict[str, object]]]:
    house = HOUSES[code]
    patron = next(person for person in records_of(code) if not person.is_staff)
    about = {"user_id": patron.id}
    made = {"created_by": "somebody", "created_at": NOW.replace(year=2025)}
    return [
        (
            "api_token",
            {"name": "Catalogue", "secret_hash": bytes(32), "grants": ["AUDITOR"], **made},
        ),
        ("user_note", {**about, **made, "note": "Prefers the side door"}),
        (
            "block_preference",
            {"reason": "ACCOUNT_EXPIRED", "actions": ["LOAN"], "overridable": "NONE"},
        ),
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
        ("account_block", {**about, "comment": "Shouted", "blocked_by": "max", "blocked_at": NOW}),
        (
            "history_event",
            {
                **about,
                "at": NOW,
                "actor": "somebody",
                "channel": "STAFF",
                "deed": "user_note.add",
                "record_type": "USER_NOTE",
                "record_id": possession(code, "user_note"),
                "fields": ["note"],
            },
        ),
        (
            "history_value",
            {"event_id": possession(code, "history_event"), "after": {"note": "A secret"}},
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
                "pass_id": possession(code, "gate_pass"),
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
                "report_id": possession(code, "job_report"),
                "counter": "removed",
                "record_type": "USER_BLOCK",
                "record_id": possession(code, "user_block"),
            },
        ),
        (
            "upload",
            {
                "uploaded_by": "somebody",
                "uploaded_at": NOW,
                "file_name": "descriptions.csv",
                "content": b"code,text",
            },
        ),
    ]
