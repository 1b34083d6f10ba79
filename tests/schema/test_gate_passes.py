"""Passes over HTTP, as the gate decides: issued where nothing stands, for staff and for patrons."""

from typing import Any

import pytest

from schema.ids import encoded
from tests.blocked import (
    after,
    authorize,
    consume,
    errors_of,
    events_of,
    new_patron,
    passes_of,
    user_id,
)
from tests.cast import CEDAR, CLARA, HOUSES, NOW, PIA
from tests.database_server import Database
from tests.desk import Desk

UNPAID = "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal."


def test_where_nothing_stands_a_pass_is_issued_for_minutes(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    made = authorize(client, patron)
    assert made["userErrors"] == []
    assert made["pass"] | {"id": None} == {
        "id": None,
        "action": "LOAN",
        "itemBarcode": "ITEM-1",
        "issuedTo": "olive",
        "issuedAt": NOW.isoformat(),
        "expiresAt": after(5).isoformat(),
        "consumedAt": None,
        "user": {"primaryId": patron.primary_id},
        "desk": {"code": "MAIN_DESK", "libraryCode": "MAIN"},
        "restsOn": [],
    }
    assert events_of(database, patron) == []


def test_where_a_reason_stands_there_is_no_pass_and_the_reasons_are_told(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID")
    made = authorize(client, patron)
    assert made["pass"] is None
    assert [reason["sentence"] for reason in made["decision"]["reasons"]] == [UNPAID]
    assert errors_of(made) == [
        ("ConflictError", f"Reasons stand against this action. {UNPAID}", [])
    ]
    assert (passes_of(database, patron), events_of(database, patron)) == ([], [])


def test_a_patron_authorizes_for_the_own_record_without_a_desk(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    made = authorize(client.as_(patron), patron, desk=None)
    assert (made["pass"]["issuedTo"], made["pass"]["desk"]) == (patron.primary_id, None)


def test_for_a_patron_nobody_else_exists(client: Desk, database: Database) -> None:
    made = authorize(client.as_(new_patron(database)), PIA, desk=None)
    assert errors_of(made) == [("NotFoundError", "There is no such user.", ["input", "user"])]
    assert made["decision"] is None
    assert passes_of(database, PIA) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"user": "u_nonsense"}, ("NotFoundError", "There is no such user.", ["input", "user"])),
        ({"user": user_id(CLARA)}, ("NotFoundError", "There is no such user.", ["input", "user"])),
        (
            {"desk": encoded("c", HOUSES[CEDAR].desk_id())},
            ("NotFoundError", "There is no such circulation desk.", ["input", "desk"]),
        ),
        (
            {"itemBarcode": " "},
            (
                "InvalidInputError",
                "Name the item by its barcode: a pass is for one item.",
                ["input", "itemBarcode"],
            ),
        ),
        (
            {"itemBarcode": "B" * 101},
            (
                "InvalidInputError",
                "The text is longer than 100 characters.",
                ["input", "itemBarcode"],
            ),
        ),
        (
            {"override": {"reasons": [], "why": " "}},
            (
                "InvalidInputError",
                "Say why the block is overridden; managers read it.",
                ["input", "override", "why"],
            ),
        ),
        (
            {
                "override": {
                    "reasons": [{"code": "USER_BLOCK", "record": user_id(PIA), "version": 1}],
                    "why": "Pays tomorrow",
                }
            },
            (
                "InvalidInputError",
                "A reason of this code rests on no such record.",
                ["input", "override", "reasons", "0", "record"],
            ),
        ),
    ],
)
def test_a_wrong_input_is_named_and_nothing_is_written(
    client: Desk, database: Database, given: dict[str, Any], error: tuple[str, str, list[str]]
) -> None:
    patron = new_patron(database, "ADDRESS")
    assert errors_of(authorize(client, patron, **given)) == [error]
    assert (passes_of(database, patron), events_of(database, patron)) == ([], [])


def test_a_request_may_name_no_item(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    made = authorize(client, patron, "HOLD", itemBarcode=None)
    assert made["pass"]["itemBarcode"] is None
    used = consume(client, patron, made["pass"]["id"], "HOLD", itemBarcode=None)
    assert used["userErrors"] == []
