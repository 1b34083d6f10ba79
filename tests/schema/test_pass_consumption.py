"""Passes over HTTP as they are used: once, in time, for what they were issued for, and only
while nothing new stands against the action."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from rules.roles import Role
from schema.ids import encoded
from tenancy.api_tokens import hash_secret, new_api_token
from tests.blocked import (
    CONSUME,
    ITEM,
    after,
    authorize,
    consume,
    errors_of,
    new_patron,
    overridden,
    passes_of,
    put_block,
    user_id,
)
from tests.cast import ASHFORD, CARL, CEDAR, CLARA, NOW, ONE_OF_EACH_ROLE, PIA
from tests.database_server import Database
from tests.desk import Desk

UNPAID = "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal."
MAY_USE = {
    Role.CIRCULATION_DESK_OPERATOR_LIMITED,
    Role.CIRCULATION_DESK_OPERATOR,
    Role.CIRCULATION_DESK_MANAGER,
    Role.FULFILLMENT_SERVICES_OPERATOR,
}


def test_a_pass_is_used_once(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    client.clock.now = after(1)
    used = consume(client, patron, number)
    assert used == {
        "pass": {
            "id": number,
            "consumedAt": after(1).isoformat(),
            "user": {"primaryId": patron.primary_id},
            "desk": {"code": "MAIN_DESK"},
        },
        "decision": {"isAllowed": True},
        "userErrors": [],
    }
    again = consume(client, patron, number)
    assert (again["pass"], errors_of(again)) == (
        None,
        [
            (
                "ConflictError",
                "This pass has been used already; ask for a new one.",
                ["input", "pass"],
            )
        ],
    )


@pytest.mark.parametrize(
    ("given", "sentence", "path"),
    [
        ({"user": user_id(PIA)}, "This pass was issued for another user.", "user"),
        ({"action": "RENEW"}, "This pass was issued for another action.", "action"),
        ({"itemBarcode": "ITEM-2"}, "This pass was issued for another item.", "itemBarcode"),
    ],
)
def test_a_pass_is_for_its_own_user_action_and_item(
    client: Desk, database: Database, given: dict[str, str], sentence: str, path: str
) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    refused = consume(client, patron, number, **given)
    assert errors_of(refused) == [("ConflictError", sentence, ["input", path])]
    assert passes_of(database, patron) == [(False,)]


def test_a_pass_runs_out(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    client.clock.now = after(5)
    assert errors_of(consume(client, patron, number)) == [
        ("ConflictError", "This pass has run out; ask for a new one.", ["input", "pass"])
    ]
    assert passes_of(database, patron) == [(False,)]


def test_a_pass_does_not_hold_against_a_block_that_came_since(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "ADDRESS")
    number = overridden(client, patron)["pass"]["id"]
    put_block(database, patron, "UNPAID")
    assert errors_of(consume(client, patron, number)) == [
        (
            "ConflictError",
            f"The pass no longer holds; ask for a new one. {UNPAID}",
            ["input", "pass"],
        )
    ]
    assert passes_of(database, patron) == [(False,)]


def test_another_institutions_pass_does_not_exist(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    stranger = client.as_(CARL)
    foreign = consume(stranger, CLARA, number)
    never = consume(stranger, CLARA, encoded("p", PIA.id))
    assert foreign == never
    assert errors_of(foreign) == [("NotFoundError", "There is no such pass.", ["input", "pass"])]
    assert passes_of(database, patron) == [(False,)]


def test_a_circulation_system_uses_a_pass_with_its_api_token(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    number = authorize(client.as_(patron), patron, desk=None)["pass"]["id"]
    system = api_token(database, ASHFORD)
    used = used_by(client, system, number, user_id(patron))
    assert (used["userErrors"], used["pass"]["id"]) == ([], number)
    by = "SELECT consumed_by FROM gate_pass WHERE user_id = %(id)s"
    assert database.value(by, ASHFORD, id=patron.id) == "Self-check of ASHFORD"


def test_the_circulation_system_of_another_institution_finds_no_pass(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    refused = used_by(client, api_token(database, CEDAR), number, user_id(CLARA))
    assert refused["userErrors"][0]["message"] == "There is no such pass."
    assert passes_of(database, patron) == [(False,)]


@pytest.mark.parametrize("role", ONE_OF_EACH_ROLE, ids=lambda role: role.value)
def test_only_staff_who_lend_use_passes(client: Desk, database: Database, role: Role) -> None:
    patron = new_patron(database)
    number = authorize(client, patron)["pass"]["id"]
    payload = consume(client.as_(ONE_OF_EACH_ROLE[role]), patron, number)
    kinds = [error["__typename"] for error in payload["userErrors"]]
    assert kinds == ([] if role in MAY_USE else ["NotPermittedError"])
    assert passes_of(database, patron) == [(role in MAY_USE,)]


def api_token(database: Database, institution_code: str) -> str:
    """The token of a self-check that may lend."""
    number, secret = uuid4(), uuid4().bytes + uuid4().bytes
    database.put(
        "api_token",
        institution_code,
        id=number,
        name=f"Self-check of {institution_code}",
        secret_hash=hash_secret(secret),
        grants=[{"role": "CIRCULATION_DESK_OPERATOR"}],
        created_by="greta",
        created_at=NOW,
    )
    return new_api_token(institution_code, number, secret)


def used_by(client: Desk, token: str, number: str, user: str) -> Mapping[str, Any]:
    """The payload of passConsume by an API token."""
    given = {"pass": number, "user": user, "action": "LOAN", "itemBarcode": ITEM}
    body = {"query": CONSUME, "variables": {"input": given}}
    headers = {"authorization": f"Bearer {token}"}
    answer = client.http.post("/graphql", json=body, headers=headers).json()
    payload: Mapping[str, Any] = answer["data"]["passConsume"]
    return payload
