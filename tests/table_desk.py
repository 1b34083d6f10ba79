"""Ways to work on the block tables over HTTP, and to put them back as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg import sql

from schema.ids import encoded
from tests.cast import ASHFORD, HOUSES, NOW, PIA
from tests.database_server import Database
from tests.desk import Desk

_RESTORED = ("blocked_action_code", "block_description", "block_definition", "block_preference")
_EMPTIED = ("user_block", "upload")

CODES = [
    "ADDRESS",
    "UNPAID",
    "LOST_CARD",
    "CONDUCT",
    "OVERDUE",
    "CONSORTIA",
    "RETIRED",
    "UNDEFINED",
]
"""The descriptions of the cast, in their order."""

ERRORS = "userErrors { __typename message path }"

Answer = dict[str, Any]


@contextmanager
def block_tables_restored(database: Database, code: str = ASHFORD) -> Iterator[None]:
    """What a test does to the block tables of an institution is undone, its history is not."""
    with database.owner(code) as connection:
        kept = {
            table: connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            for table in _RESTORED
        }
        columns = {
            table: [c.name for c in cursor.description or []] for table, cursor in kept.items()
        }
        rows = {table: cursor.fetchall() for table, cursor in kept.items()}
    yield
    with database.owner(code) as connection:
        for table in (*_EMPTIED, *reversed(_RESTORED)):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table in _RESTORED:
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns[table])),
                sql.SQL(", ").join([sql.Placeholder()] * len(columns[table])),
            )
            for row in rows[table]:
                connection.execute(insert, row)


def run(desk: Desk, mutation: str, selection: str = "", /, **given: object) -> Answer:
    """The payload of a mutation with one input."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} {ERRORS} }} }}"
    payload: Answer = desk.ask(text, input=given)[mutation]
    return payload


def upload(desk: Desk, content: bytes | str, name: str = "table.csv") -> str:
    """Send a file as a form does; the answer is its id."""
    content = content.encode() if isinstance(content, str) else content
    answer = desk.http.post("/uploads", files={"file": (name, content)}, headers=desk.headers())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["upload"])


def refusal(payload: Answer) -> tuple[str, str, list[str]]:
    """The only error of a payload: its kind, path and sentence. All else in it is empty."""
    (error,) = payload["userErrors"]
    rest = [value for key, value in payload.items() if key != "userErrors"]
    assert not any(rest), payload
    return error["__typename"].removesuffix("Error"), error["message"], error["path"]


def description_id(code: str, house: str = ASHFORD) -> str:
    return encoded("d", HOUSES[house].description_id(code))


def definition_id(code: str, house: str = ASHFORD) -> str:
    return encoded("f", HOUSES[house].definition_id(code))


def code_id(code: str, house: str = ASHFORD) -> str:
    return encoded("a", HOUSES[house].code_id(code))


def put_block(database: Database, description: str, **columns: object) -> UUID:
    """A block on Pia, as somebody once added it."""
    return database.put(
        "user_block",
        ASHFORD,
        **{
            "user_id": PIA.id,
            "description_id": HOUSES[ASHFORD].description_id(description),
            "block_type": "GENERAL",
            "origin": "STAFF",
            "created_by": "olive",
            "created_at": NOW.replace(year=2025),
        }
        | columns,
    )


def deeds(database: Database, prefix: str) -> list[tuple[str, str, str, Any, Any]]:
    """The history of what begins so, oldest first: deed, actor, channel, before and after."""
    rows = database.rows(
        "SELECT e.deed, e.actor, e.channel, v.before, v.after FROM history_event e"
        " JOIN history_value v ON v.event_id = e.id WHERE e.deed ^@ %(prefix)s ORDER BY e.id",
        ASHFORD,
        prefix=prefix,
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def listed(desk: Desk, **arguments: bool) -> list[str]:
    query = "query($on: Boolean!) { blockDescriptions(enabledOnly: $on) { code } }"
    answer = desk.ask(query, on=arguments.get("enabled_only", False))
    return [row["code"] for row in answer["blockDescriptions"]]


def description_events(database: Database, code: str) -> list[tuple[Any, ...]]:
    """What the history says of a description, oldest first."""
    return database.rows(
        "SELECT e.deed, e.actor, e.fields FROM history_event e WHERE e.record_id ="
        " (SELECT id FROM block_description WHERE code = %(code)s) ORDER BY e.id",
        ASHFORD,
        code=code,
    )
