"""Adding blocks over HTTP, and what a block shows of its effect, cause and creator."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.blocked import new_patron
from tests.cast import ASHFORD, CARL, CEDAR
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.patrons import (
    ADD,
    NEVER_ISSUED,
    add_block,
    description_id,
    errors_of,
    history_of,
    user_id,
)
from tests.written import nothing_written


def add(desk: Desk, user: str, /, *blocks: Mapping[str, object]) -> Any:
    return desk.ask(ADD, input={"user": user, "blocks": list(blocks)})["userBlockAdd"]


def test_a_block_shows_its_effect_its_cause_and_who_made_it(
    client: Desk, database: Database
) -> None:
    block = add_block(
        client, new_patron(database), staffNote="Promised Friday", patronText="Please pay"
    )
    number = block.pop("id")
    assert block == {
        "version": 1,
        "status": "ACTIVE",
        "expiresAt": None,
        "staffNote": "Promised Friday",
        "patronText": "Please pay",
        "blockType": "CASH",
        "origin": "STAFF",
        "segment": "INTERNAL",
        "createdBy": "olive",
        "createdAt": "2026-11-22T12:00:00+00:00",
        "isInForce": True,
        "stops": ["LOAN", "RENEW", "AUTO_RENEW"],
        "overridable": "OPERATOR",
        "description": {"code": "UNPAID"},
        "definition": {"rowId": "UNPAID"},
    }
    [(deed, actor, before, after)] = history_of(database, number)
    assert (deed, actor, before) == ("user_block.add", "olive", None)
    assert (after["staff_note"], after["version"]) == ("Promised Friday", 1)


def test_several_blocks_are_added_at_once_and_all_are_in_force(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    payload = add(
        client,
        user_id(patron),
        {"description": description_id("UNPAID"), "expiresOn": "2026-11-30"},
        {"description": description_id("LOST_CARD")},
    )
    shown = [(b["description"]["code"], b["expiresAt"]) for b in payload["userBlocks"]]
    assert shown == [("UNPAID", "2026-12-01T05:00:00+00:00"), ("LOST_CARD", None)]
    asked = client.ask(
        "query($i: String!) { user(identifier: $i) { hasBlocks blocks(inForce: true) { nodes "
        "{ description { code } } } } }",
        i=patron.primary_id,
    )
    assert asked["user"] == {
        "hasBlocks": True,
        "blocks": {
            "nodes": [{"description": {"code": "UNPAID"}}, {"description": {"code": "LOST_CARD"}}]
        },
    }


def test_without_a_description_the_lists_default_is_taken(client: Desk, database: Database) -> None:
    payload = add(client, user_id(new_patron(database)), {"staffNote": "Letter came back"})
    assert payload["userBlocks"][0]["description"] == {"code": "ADDRESS"}


def test_without_a_description_and_a_default_a_block_is_refused(
    client: Desk, fresh_database: Database, data_folder: Path
) -> None:
    with fresh_database.owner(ASHFORD) as connection:
        connection.execute("UPDATE block_description SET is_default = false")
    patron = new_patron(fresh_database)
    with open_desk(fresh_database, data_folder) as desk, nothing_written(fresh_database):
        payload = add(desk, user_id(patron), {"staffNote": "Letter came back"})
    assert errors_of(payload) == [
        (
            "InvalidInputError",
            ["input", "blocks", "0", "description"],
            "Choose a block description: the list has no default.",
        )
    ]


WRONG: list[tuple[dict[str, object], str, str]] = [
    (
        {"description": "nonsense"},
        "description",
        "There is no such block description, or it has no block definition yet.",
    ),
    (
        {"description": description_id("UNPAID", CEDAR)},
        "description",
        "There is no such block description, or it has no block definition yet.",
    ),
    (
        {"description": description_id("UNDEFINED")},
        "description",
        "There is no such block description, or it has no block definition yet.",
    ),
    (
        {"description": description_id("RETIRED")},
        "description",
        "Blocks with the description RETIRED cannot be added: it is disabled.",
    ),
    (
        {"expiresAt": "2026-11-22T11:59:59Z"},
        "expiresAt",
        "The expiry date has passed already; choose a later one, or none.",
    ),
    ({"staffNote": "y" * 4001}, "staffNote", "The text is longer than 4000 characters."),
    (
        {"patronText": "\x1b[31m"},
        "patronText",
        "The text contains a control character (U+001B), which cannot be kept.",
    ),
]


@pytest.mark.parametrize(("wrong", "name", "message"), WRONG)
def test_one_wrong_block_refuses_all_of_them_and_says_which(
    client: Desk, database: Database, wrong: dict[str, object], name: str, message: str
) -> None:
    right = {"description": description_id("UNPAID")}
    patron = new_patron(database)
    with nothing_written(database):
        payload = add(client, user_id(patron), right, {**right, **wrong})
    assert errors_of(payload) == [("InvalidInputError", ["input", "blocks", "1", name], message)]


def test_no_block_and_too_many_blocks_are_refused(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database))
    with nothing_written(database):
        none = add(client, patron)
        many = add(client, patron, *({"description": description_id("UNPAID")},) * 21)
    for payload in (none, many):
        assert errors_of(payload) == [
            ("InvalidInputError", ["input", "blocks"], "Give from 1 to 20 blocks at once.")
        ]


def test_a_user_has_at_most_a_hundred_blocks(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database, *("UNPAID",) * 99))
    one = {"description": description_id("UNPAID")}
    with nothing_written(database):
        two = add(client, patron, one, one)
    assert errors_of(two) == [
        ("ConflictError", ["input", "blocks"], "A user can have at most 100 blocks.")
    ]
    assert len(add(client, patron, one)["userBlocks"]) == 1


def test_another_institutions_user_is_as_one_never_issued(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database))
    block = {"description": description_id("UNPAID", CEDAR)}
    with nothing_written(database), nothing_written(database, CEDAR):
        theirs = add(client.as_(CARL), patron, block)
        nobodys = add(client.as_(CARL), f"u_{NEVER_ISSUED}", block)
    assert theirs == nobodys
    assert errors_of(theirs) == [("NotFoundError", ["input", "user"], "There is no such user.")]


@pytest.mark.parametrize(
    "text",
    [
        "نامه به آدرس قبلی می‌رود",
        "地址已更改，信件被退回",
        "पता बदल गया है",
        "כתובת שגויה — דואר חזר",
        "Адреса змінилася 📬",
        "ที่อยู่เปลี่ยนแล้ว",
        "ປ່ຽນທີ່ຢູ່",
        "주소가 변경되었습니다",
        "\U0001d11e and \U00020000",
    ],
)
def test_every_script_comes_back_as_it_came(client: Desk, database: Database, text: str) -> None:
    block = add_block(client, new_patron(database), staffNote=text, patronText=text)
    assert (block["staffNote"], block["patronText"]) == (text, text)


def test_text_is_kept_in_nfc(client: Desk, database: Database) -> None:
    block = add_block(client, new_patron(database), staffNote="Zoe\u0308 moved")
    assert block["staffNote"] == "Zoë moved"


def test_a_text_of_ten_megabytes_is_refused_at_the_door(client: Desk, database: Database) -> None:
    given = {"user": user_id(new_patron(database)), "blocks": [{"staffNote": "x" * 10_000_000}]}
    with nothing_written(database):
        answer = client.send(ADD, {"input": given})
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_LIMIT"


def test_half_a_character_is_no_json_and_is_refused(client: Desk, database: Database) -> None:
    body = (
        '{"query": "query($i: String!) { user(identifier: $i) { id } }", '
        '"variables": {"i": "\\ud800"}}'
    )
    answer = client.http.post(
        "/graphql",
        content=body,
        headers={"content-type": "application/json", **client.headers()},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_blocks_are_listed_page_by_page_and_by_their_state(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    codes = ["UNPAID", "LOST_CARD", "CONDUCT"]
    numbers = [add_block(client, patron, code)["id"] for code in codes]
    client.ask(
        "mutation($id: ID!) { userBlockDeactivate(input: {id: $id}) { userErrors { message } } }",
        id=numbers[1],
    )
    query = (
        "query($i: String!, $first: Int!, $after: String, $status: BlockStatus) { "
        "user(identifier: $i) { blocks(first: $first, after: $after, status: $status) { "
        "nodes { id } pageInfo { hasNextPage endCursor } } } }"
    )

    def page(**more: object) -> Any:
        return client.ask(query, i=patron.primary_id, **{"first": 2, **more})["user"]["blocks"]

    one = page()
    two = page(after=one["pageInfo"]["endCursor"])
    assert [node["id"] for node in one["nodes"] + two["nodes"]] == numbers
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (True, False)
    assert [node["id"] for node in page(status="INACTIVE")["nodes"]] == [numbers[1]]
    assert client.error_codes(query, i=patron.primary_id, first=2, after="nonsense") == [
        "INVALID_CURSOR"
    ]
    assert client.error_codes(query, i=patron.primary_id, first=0) == ["INVALID_PAGE"]
