"""Override events over HTTP: what managers read of each try, and how they find it."""

from typing import Any

import pytest

from rules.roles import Role
from schema.ids import encoded
from tests.blocked import (
    LAW_DESK,
    MAIN_DESK,
    after,
    authorize,
    new_patron,
    overridden,
    override_of,
    put_block,
    user_id,
)
from tests.cast import (
    ASHFORD,
    CARL,
    CEDAR,
    HOUSES,
    LENA,
    MAX,
    NOW,
    OLIVE,
    ONE_OF_EACH_ROLE,
    PIA,
    Person,
)
from tests.database_server import Database
from tests.desk import Desk

EVENTS = """
query($filter: OverrideEventFilterInput, $first: Int, $after: String) {
  overrideEvents(filter: $filter, first: $first, after: $after) {
    nodes { id at outcome refusal operator roles libraryName desk { code libraryCode }
      user { primaryId lastName } action itemBarcode why
      reasons { code version descriptionCode description blockType overridable isInTheWay } }
    pageInfo { hasNextPage endCursor } } }
"""
SHORT = """
query($filter: OverrideEventFilterInput) { overrideEvents(filter: $filter) {
  nodes { operator action outcome } } }
"""
READERS = {
    Role.CIRCULATION_DESK_MANAGER,
    Role.FULFILLMENT_ADMINISTRATOR,
    Role.GENERAL_SYSTEM_ADMINISTRATOR,
    Role.AUDITOR,
}


def events(desk: Desk, **variables: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.ask(EVENTS, **variables)["overrideEvents"]["nodes"]
    return found


def of_user(desk: Desk, patron: Person, /, **more: object) -> list[tuple[str, str, str]]:
    """Operator, action and outcome of each event about a patron that a filter admits."""
    found = desk.as_(MAX).ask(SHORT, filter={"user": user_id(patron), **more})
    nodes = found["overrideEvents"]["nodes"]
    return [(node["operator"], node["action"], node["outcome"]) for node in nodes]


def test_an_event_says_who_what_for_whom_where_when_and_why(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID", "ADDRESS")
    shown = authorize(client, patron)["decision"]
    authorize(client, patron, override=override_of(shown, why="Pays tomorrow, Zoë says"))
    [event] = events(client.as_(MAX), filter={"user": user_id(patron)})
    assert event | {"id": None} == {
        "id": None,
        "at": NOW.isoformat(),
        "outcome": "GRANTED",
        "refusal": None,
        "operator": "olive",
        "roles": ["CIRCULATION_DESK_OPERATOR"],
        "libraryName": "Main Library",
        "desk": {"code": "MAIN_DESK", "libraryCode": "MAIN"},
        "user": {"primaryId": patron.primary_id, "lastName": patron.last_name},
        "action": "LOAN",
        "itemBarcode": "ITEM-1",
        "why": "Pays tomorrow, Zoë says",
        "reasons": [
            {
                "code": "USER_BLOCK",
                "version": 1,
                "descriptionCode": "UNPAID",
                "description": "Unpaid fees",
                "blockType": "CASH",
                "overridable": "OPERATOR",
                "isInTheWay": False,
            },
            {
                "code": "USER_BLOCK",
                "version": 1,
                "descriptionCode": "ADDRESS",
                "description": "Address unknown",
                "blockType": "USER",
                "overridable": "ALL",
                "isInTheWay": False,
            },
        ],
    }


def test_a_refused_try_says_what_stood_in_the_way(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID", "ADDRESS")
    overridden(client.as_(LENA), patron)
    [event] = events(client.as_(MAX), filter={"user": user_id(patron)})
    assert (event["outcome"], event["refusal"]) == ("REFUSED", "NOT_OVERRIDABLE")
    assert [reason["isInTheWay"] for reason in event["reasons"]] == [True, False]


def test_an_event_keeps_its_words_when_the_block_is_gone(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    overridden(client, patron)
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_block WHERE user_id = %s", [patron.id])
    [event] = events(client.as_(MAX), filter={"user": user_id(patron)})
    assert event["reasons"][0]["description"] == "Unpaid fees"


def test_an_event_stays_when_the_account_is_gone(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    overridden(client, patron)
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_role WHERE user_id = %s", [patron.id])
        connection.execute("DELETE FROM user_account WHERE id = %s", [patron.id])
    [event] = events(client.as_(MAX), filter={"user": user_id(patron)})
    assert (event["user"], event["operator"]) == (None, "olive")


def test_events_are_filtered_by_each_of_their_sides(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    by_olive = ("olive", "LOAN", "GRANTED")
    by_max = ("max", "RENEW", "GRANTED")
    by_lena = ("lena", "LOAN", "REFUSED")
    overridden(client, patron)
    client.clock.now = after(10)
    seen = authorize(client, patron, "RENEW")["decision"]
    authorize(client.as_(MAX), patron, "RENEW", desk=LAW_DESK, override=override_of(seen))
    client.clock.now = after(20)
    overridden(client.as_(LENA), patron)
    assert of_user(client, patron) == [by_lena, by_max, by_olive]
    assert of_user(client, patron, operator="max") == [by_max]
    assert of_user(client, patron, desk=LAW_DESK) == [by_max]
    assert of_user(client, patron, desk=MAIN_DESK) == [by_lena, by_olive]
    assert of_user(client, patron, action="LOAN") == [by_lena, by_olive]
    assert of_user(client, patron, outcome="REFUSED") == [by_lena]
    assert of_user(client, patron, **{"from": after(10).isoformat()}) == [by_lena, by_max]
    assert of_user(client, patron, to=after(10).isoformat()) == [by_olive]
    assert of_user(client, patron, desk="c_nonsense") == []
    assert of_user(client, patron, desk=encoded("c", HOUSES[CEDAR].desk_id())) == []


def test_events_come_in_pages_without_gaps_or_doubles(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    put_block(database, patron, "UNPAID")
    for minute in (0, 1, 1, 2, 2):
        client.clock.now = after(minute)
        overridden(client, patron)
    manager, end, seen = client.as_(MAX), {"hasNextPage": True, "endCursor": None}, []
    while end["hasNextPage"]:
        variables = {"filter": {"user": user_id(patron)}, "first": 2, "after": end["endCursor"]}
        page = manager.ask(EVENTS, **variables)["overrideEvents"]
        seen += [node["id"] for node in page["nodes"]]
        end = page["pageInfo"]
    assert seen == [event["id"] for event in events(manager, filter={"user": user_id(patron)})]
    assert len(set(seen)) == 5


@pytest.mark.parametrize("role", ONE_OF_EACH_ROLE, ids=lambda role: role.value)
def test_only_managers_and_auditors_read_events(client: Desk, role: Role) -> None:
    codes = client.as_(ONE_OF_EACH_ROLE[role]).error_codes(SHORT)
    assert codes == ([] if role in READERS else ["NOT_PERMITTED"])


def test_another_institutions_events_do_not_exist(client: Desk, database: Database) -> None:
    overridden(client, new_patron(database, "UNPAID"))
    assert events(client.as_(CARL)) == []
    assert events(client.as_(CARL), filter={"operator": OLIVE.primary_id}) == []
    assert events(client.as_(CARL), filter={"user": user_id(PIA)}) == []


def test_an_instant_without_an_offset_is_refused(client: Desk) -> None:
    filter = {"from": "2026-11-22T12:00:00"}
    assert client.as_(MAX).error_codes(SHORT, filter=filter) == ["INVALID_INPUT"]


@pytest.mark.parametrize("operator", ["a\x00b", "a\x1bb", "\x00", "x" * 256])
def test_an_operator_that_no_name_can_be_is_refused(client: Desk, operator: str) -> None:
    assert client.as_(MAX).error_codes(SHORT, filter={"operator": operator}) == ["INVALID_INPUT"]
