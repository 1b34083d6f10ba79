"""Finding users over HTTP: by any identifier, by name for those who may; and what a patron sees."""

from typing import Any

import pytest

from rules.name_keys import name_keys
from schema.ids import encoded
from tests.blocked import HOUSE, new_patron
from tests.cast import (
    ASHFORD,
    ASHFORD_STAFF,
    BELA,
    CARL,
    HOUSES,
    LENA,
    MAX,
    NOW,
    OLIVE,
    PIA,
    QUENTIN,
    Person,
)
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import add_block, description_id, user_id

FIND = "query($i: String!, $t: String) { user(identifier: $i, type: $t) { primaryId } }"
SEARCH = """
query($name: String, $group: ID, $status: AccountStatus, $hasBlocks: Boolean, $first: Int! = 25,
    $after: String) {
  users(name: $name, group: $group, status: $status, hasBlocks: $hasBlocks, first: $first,
      after: $after) {
    nodes { primaryId hasBlocks } pageInfo { hasNextPage endCursor } } }
"""


def found(desk: Desk, identifier: str, type_code: str | None = None) -> str | None:
    user = desk.ask(FIND, i=identifier, t=type_code)["user"]
    return None if user is None else str(user["primaryId"])


def searched(desk: Desk, /, **given: object) -> list[str]:
    return [user["primaryId"] for user in desk.ask(SEARCH, **given)["users"]["nodes"]]


def put_user(database: Database, primary_id: str, first: str, last: str, **more: object) -> None:
    by_last, by_first = name_keys(first, last)
    database.put(
        "user_account",
        ASHFORD,
        primary_id=primary_id,
        primary_id_key=primary_id.casefold(),
        first_name=first,
        last_name=last,
        name_key=by_last,
        first_name_key=by_first,
        created_at=NOW,
        **more,
    )


@pytest.mark.parametrize("person", ASHFORD_STAFF, ids=lambda person: person.primary_id)
def test_all_staff_find_a_patron_by_any_identifier(client: Desk, person: Person) -> None:
    desk = client.as_(person)
    assert found(desk, "pia") == "pia"
    assert found(desk, "PIA") == "pia"
    assert found(desk, " ASH-0001\r\n") == "pia"
    assert found(desk, "ash-0001") is None


def test_an_identifier_may_be_looked_for_under_its_type(client: Desk) -> None:
    assert found(client, "ASH-0001", "BARCODE") == "pia"
    assert found(client, "ASH-0001", "STUDENT") is None
    assert found(client, "ASH-0001", "PRIMARY_ID") is None
    assert found(client, "pia", "PRIMARY_ID") == "pia"
    assert found(client, "pia", "BARCODE") is None


def test_an_identifier_that_two_carry_is_told_apart_by_its_type(
    client: Desk, database: Database
) -> None:
    one, two = new_patron(database), new_patron(database)
    for person, kind in ((one, "CARD"), (two, "LOCKER")):
        database.put(
            "user_identifier",
            ASHFORD,
            user_id=person.id,
            type_code=kind,
            value="77",
            value_key="77",
        )
    answer = client.answer(FIND, i="77")
    assert answer["data"] == {"user": None}
    assert answer["errors"][0]["message"] == (
        "Several users carry this identifier; name its type, too."
    )
    assert found(client, "77", "LOCKER") == two.primary_id


@pytest.mark.parametrize("identifier", ["a\x00b", "x" * 256, "\x07"])
def test_what_cannot_be_an_identifier_is_refused_in_a_sentence(
    client: Desk, identifier: str
) -> None:
    answer = client.answer(FIND, i=identifier)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert answer["errors"][0]["path"] == ["user"]
    assert answer["errors"][0]["message"].startswith("The text ")


def test_another_institutions_patron_does_not_exist(client: Desk) -> None:
    assert found(client.as_(CARL), "pia") is None
    assert found(client.as_(CARL), "ASH-0001") is None
    assert found(client, BELA.primary_id) is None


def test_those_who_may_search_by_the_start_of_a_name(client: Desk, database: Database) -> None:
    put_user(database, "s1", "Zoë", "Ångström")
    put_user(database, "s2", "Zoltán", "Angerer")
    put_user(database, "s3", "美玲", "王")
    put_user(database, "s4", "", "Mononym", status="INACTIVE")
    desk = client.as_(MAX)
    assert searched(desk, name="ang") == ["s2", "s1"]
    assert searched(desk, name="ANGSTROM") == ["s1"]
    assert searched(desk, name="zo") == ["s2", "s1", "pia"]
    assert searched(desk, name="zoe ang") == ["s1"]
    assert searched(desk, name="ångström  z") == ["s1"]
    assert searched(desk, name="王") == ["s3"]
    assert searched(desk, name="mononym") == ["s4"]
    assert searched(desk, name="mononym", status="ACTIVE") == []
    assert searched(desk, name="ngstr") == []
    assert searched(desk, name="%") == []


def test_a_search_says_of_each_whether_there_are_blocks(client: Desk, database: Database) -> None:
    put_user(database, "t1", "Ina", "Twofold")
    blocked = new_patron(database, "UNPAID")
    rows = client.as_(MAX).ask(SEARCH, name="t")["users"]["nodes"]
    by_id = {row["primaryId"]: row["hasBlocks"] for row in rows}
    assert (by_id["t1"], by_id[blocked.primary_id]) == (False, True)
    assert blocked.primary_id in searched(client, hasBlocks=True, first=100)
    assert blocked.primary_id not in searched(client.as_(MAX), hasBlocks=False, first=100)


@pytest.mark.parametrize("given", [{"name": "zo"}, {}, {"hasBlocks": False}])
def test_names_are_searched_and_leafed_through_with_the_permission_only(
    client: Desk, given: dict[str, object]
) -> None:
    for person in (OLIVE, LENA):
        answer = client.as_(person).answer(SEARCH, **given)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_PERMITTED"
        assert answer["errors"][0]["message"] == "This needs the permission SEARCH_BY_NAME."
    assert "pia" in searched(client.as_(MAX), first=100, **given)


def test_all_staff_list_the_blocked_patrons(client: Desk, database: Database) -> None:
    blocked = new_patron(database, "UNPAID")
    assert blocked.primary_id in searched(client.as_(LENA), hasBlocks=True, first=100)


def test_a_list_is_narrowed_to_a_group(client: Desk) -> None:
    desk = client.as_(MAX)
    staff = searched(desk, group=encoded("g", HOUSE.group_id("STAFF")), first=100)
    assert sorted(staff) == sorted(person.primary_id for person in ASHFORD_STAFF)
    elsewhere = encoded("g", HOUSES[CARL.institution_code or ""].group_id("STAFF"))
    assert searched(desk, group=elsewhere) == []
    assert desk.error_codes(SEARCH, group="nonsense") == ["INVALID_INPUT"]


@pytest.mark.parametrize("name", ["", "  ", "a\x00", "x" * 201, "\u200d"])
def test_a_name_that_says_nothing_is_refused(client: Desk, name: str) -> None:
    assert client.as_(MAX).error_codes(SEARCH, name=name) == ["INVALID_INPUT"]


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "WyJhIiwiYiJd", "WyJhIl0="])
def test_a_cursor_that_is_none_of_ours_is_refused(client: Desk, cursor: str) -> None:
    assert client.as_(MAX).error_codes(SEARCH, after=cursor) == ["INVALID_CURSOR"]


def test_pages_follow_each_other_without_gap_or_repeat(client: Desk) -> None:
    desk = client.as_(MAX)
    whole = searched(desk, first=100)
    seen: list[str] = []
    after = None
    while True:
        page = desk.ask(SEARCH, first=3, after=after)["users"]
        seen += [user["primaryId"] for user in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == whole


EVERYTHING = """
query($i: String!) { user(identifier: $i) {
  primaryId hasBlocks status
  blocks { nodes { staffNote patronText createdBy isInForce stops } }
  removedBlocks { nodes { id removal { reason removedBy } } }
  accountBlock { comment blockedBy blockedAt }
  notes { nodes { text createdBy } }
  roles { role libraryCode isInForce }
  gate { action reasons { sentence block { staffNote createdBy } } }
} }
"""


def test_a_patron_sees_the_own_record_and_nothing_meant_for_staff(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    add_block(client, patron, "CONDUCT", staffNote="SECRET one", patronText="Please come by")
    gone = add_block(client, patron, staffNote="SECRET two")
    ask = client.as_(MAX).ask
    commands: list[tuple[str, dict[str, object]]] = [
        ("userBlockRemove", {"id": gone["id"], "reason": "SECRET three"}),
        ("accountBlockAdd", {"user": user_id(patron), "comment": "SECRET four"}),
        ("userNoteAdd", {"user": user_id(patron), "text": "SECRET five"}),
        (
            "userNoteAdd",
            {"user": user_id(patron), "text": "Your card is here", "isPatronVisible": True},
        ),
    ]
    for name, given in commands:
        kind = name[0].upper() + name[1:]
        document = (
            f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ userErrors "
            "{ message } } }"
        )
        assert ask(document, input=given)[name]["userErrors"] == []
    staff = str(client.ask(EVERYTHING, i=patron.primary_id))
    assert {f"SECRET {word}" in staff for word in ("one", "three", "four", "five")} == {True}
    own = client.as_(patron).ask(EVERYTHING, i=patron.primary_id)["user"]
    assert "SECRET" not in str(own)
    assert "olive" not in str(own)
    assert "max" not in str(own)
    assert own["blocks"]["nodes"] == [
        {
            "staffNote": None,
            "patronText": "Please come by",
            "createdBy": None,
            "isInForce": True,
            "stops": ["LOAN", "RENEW", "AUTO_RENEW", "HOLD", "RESOURCE_SHARING"],
        }
    ]
    assert own["removedBlocks"]["nodes"] == []
    assert own["accountBlock"] == {
        "comment": None,
        "blockedBy": None,
        "blockedAt": "2026-11-22T12:00:00+00:00",
    }
    assert own["notes"]["nodes"] == [{"text": "Your card is here", "createdBy": None}]


def test_a_patron_finds_the_own_record_by_any_identifier_and_nobody_elses(client: Desk) -> None:
    desk = client.as_(PIA)
    assert found(desk, "pia") == "pia"
    assert found(desk, "ASH-0001") == "pia"
    assert found(desk, "quentin") is None
    assert found(desk, "ASH-0002") is None
    assert found(desk, "") is None
    assert desk.error_codes(SEARCH) == ["NOT_PERMITTED"]


def test_what_blocks_a_patron_may_not_be_added_by_the_patron(client: Desk) -> None:
    document = (
        "mutation($input: UserBlockAddInput!) { userBlockAdd(input: $input) { userBlocks { id } "
        "userErrors { __typename } } }"
    )
    given = {"user": user_id(QUENTIN), "blocks": [{"description": description_id("UNPAID")}]}
    payload: Any = client.as_(PIA).ask(document, input=given)["userBlockAdd"]
    assert payload == {"userBlocks": None, "userErrors": [{"__typename": "NotPermittedError"}]}
