"""Patrons of Ashford with blocks on them, for tests of the gate, its passes and overrides: each
test takes a patron of its own."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from rules.roles import Role
from schema.ids import encoded
from tests.cast import ASHFORD, BLOCK_KINDS, HOUSES, NOW, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.peopling import put_person

HOUSE = HOUSES[ASHFORD]
MAIN_DESK = encoded("c", HOUSE.desk_id("MAIN_DESK"))
LAW_DESK = encoded("c", HOUSE.desk_id("LAW_DESK"))
ITEM = "ITEM-1"

_TYPES = {kind.code: kind.block_type for kind in BLOCK_KINDS}
_numbers = count(1)

AUTHORIZE = """
mutation($input: ActionAuthorizeInput!) { actionAuthorize(input: $input) {
  pass { id action itemBarcode issuedTo issuedAt expiresAt consumedAt
    user { primaryId } desk { code libraryCode } restsOn { code record version } }
  decision { action verdict isAllowed reasons { code record version sentence } }
  userErrors { __typename message path ... on NotOverridableError { whoMayOverride } } } }
"""

CONSUME = """
mutation($input: PassConsumeInput!) { passConsume(input: $input) {
  pass { id consumedAt user { primaryId } desk { code } } decision { isAllowed }
  userErrors { __typename message path } } }
"""


def new_patron(database: Database, *blocks: str) -> Person:
    """A patron nobody else has, with a block of each of these kinds."""
    number = next(_numbers)
    patron = Person(
        primary_id=f"patron.{number}",
        first_name="Pat",
        last_name=f"Tester {number}",
        institution_code=ASHFORD,
        roles=(Role.PATRON,),
        barcode=f"ASH-T{number}",
    )
    with database.owner(ASHFORD) as connection:
        put_person(connection, patron)
    for code in blocks:
        put_block(database, patron, code)
    return patron


def put_block(database: Database, patron: Person, code: str, **columns: object) -> UUID:
    """One more block; blocks of a patron lie a minute apart."""
    made = NOW - timedelta(days=1) + timedelta(minutes=next(_numbers))
    return database.put(
        "user_block",
        ASHFORD,
        **{
            "user_id": patron.id,
            "description_id": HOUSE.description_id(code),
            "block_type": _TYPES[code],
            "origin": "STAFF",
            "created_by": "olive",
            "created_at": made,
            "staff_note": "For staff alone",
            **columns,
        },
    )


def user_id(patron: Person) -> str:
    """The patron's id as clients see it."""
    return encoded("u", patron.id)


def attempt(patron: Person, action: str = "LOAN", /, **more: object) -> dict[str, object]:
    """The input of actionAuthorize at the main desk."""
    given = {"user": user_id(patron), "action": action, "itemBarcode": ITEM, "desk": MAIN_DESK}
    return {**given, **more}


def authorize(
    desk: Desk, patron: Person, action: str = "LOAN", /, **more: object
) -> dict[str, Any]:
    """The payload of actionAuthorize."""
    payload: dict[str, Any] = desk.ask(AUTHORIZE, input=attempt(patron, action, **more))[
        "actionAuthorize"
    ]
    return payload


def override_of(decision: dict[str, Any], why: str = "Pays tomorrow") -> dict[str, object]:
    """An override that answers to every reason of a decision as it was shown."""
    reasons = [
        {name: reason[name] for name in ("code", "record", "version")}
        for reason in decision["reasons"]
    ]
    return {"reasons": reasons, "why": why}


def overridden(desk: Desk, patron: Person, action: str = "LOAN") -> dict[str, Any]:
    """The payload of an override of whatever stands."""
    shown = authorize(desk, patron, action)["decision"]
    return authorize(desk, patron, action, override=override_of(shown))


def consume(
    desk: Desk, patron: Person, pass_id: str, action: str = "LOAN", /, **more: object
) -> dict[str, Any]:
    """The payload of passConsume."""
    given = {"pass": pass_id, "user": user_id(patron), "action": action, "itemBarcode": ITEM}
    payload: dict[str, Any] = desk.ask(CONSUME, input={**given, **more})["passConsume"]
    return payload


def errors_of(payload: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Type, sentence and path of each error of a payload."""
    return [(e["__typename"], e["message"], e["path"]) for e in payload["userErrors"]]


def passes_of(database: Database, patron: Person) -> list[tuple[bool]]:
    """For each pass of the patron, whether it was used."""
    query = "SELECT consumed_at IS NOT NULL FROM gate_pass WHERE user_id = %(id)s ORDER BY id"
    return [(row[0],) for row in database.rows(query, ASHFORD, id=patron.id)]


def events_of(database: Database, patron: Person) -> list[tuple[Any, ...]]:
    """Outcome, refusal, operator and roles of each override event about the patron."""
    query = (
        "SELECT outcome, refusal, operator, roles FROM override_event "
        "WHERE user_id = %(id)s ORDER BY at, id"
    )
    return [tuple(row) for row in database.rows(query, ASHFORD, id=patron.id)]


def after(minutes: float) -> datetime:
    """So long after the instant of the tests."""
    return NOW + timedelta(minutes=minutes)
