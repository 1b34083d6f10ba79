"""What tests of users and their blocks say over and over: ids of the cast, payloads, histories."""

from typing import Any

from schema.ids import decoded, encoded
from tests.cast import ASHFORD, HOUSES, Person
from tests.database_server import Database
from tests.desk import Desk

NEVER_ISSUED = "AZ5Xq0x4cAGAAAAAAAAAAA"
"""The number of no record, in the form of an id without its prefix."""

ADD = """
mutation($input: UserBlockAddInput!) { userBlockAdd(input: $input) {
  userBlocks { id version status expiresAt staffNote patronText blockType origin segment createdBy
    createdAt isInForce stops overridable description { code } definition { rowId } }
  userErrors { __typename message path } } }
"""


def user_id(person: Person) -> str:
    return encoded("u", person.id)


def description_id(code: str, house: str = ASHFORD) -> str:
    return encoded("d", HOUSES[house].description_id(code))


def add_block(desk: Desk, person: Person, code: str = "UNPAID", /, **fields: object) -> Any:
    """A block that staff add, as `ADD` shows it."""
    block = {"description": description_id(code, str(person.institution_code)), **fields}
    payload = desk.ask(ADD, input={"user": user_id(person), "blocks": [block]})["userBlockAdd"]
    assert payload["userErrors"] == [], payload
    return payload["userBlocks"][0]


BLOCK_SHOWN = (
    "id version status expiresAt staffNote patronText isInForce removal { removedBy reason }"
)


def change_block(desk: Desk, command: str, /, **given: object) -> Any:
    """The payload of one of the commands on a block that is there."""
    kind = command[0].upper() + command[1:] + "Input"
    document = (
        f"mutation($input: {kind}!) {{ {command}(input: $input) {{ userBlock {{ {BLOCK_SHOWN} }} "
        "userErrors { __typename message path } } }"
    )
    return desk.ask(document, input=given)[command]


def errors_of(payload: Any) -> list[tuple[str, list[str], str]]:
    """Kind, path and sentence of each refusal; nothing else is in the payload of a refusal."""
    rest = {key for key, value in payload.items() if value not in (None, [])}
    assert rest <= {"userErrors"}, payload
    return [(e["__typename"], e["path"], e["message"]) for e in payload["userErrors"]]


def history_of(database: Database, record_id: str) -> list[tuple[str, str, Any, Any]]:
    """Deed, actor, before and after of every change to a record, oldest first."""
    found = decoded(record_id)
    assert found is not None
    query = (
        "SELECT e.deed, e.actor, v.before, v.after FROM history_event e JOIN history_value v "
        "ON v.event_id = e.id WHERE e.record_id = %(id)s ORDER BY e.at, e.id"
    )
    return [tuple(row) for row in database.rows(query, ASHFORD, id=found[1])]
