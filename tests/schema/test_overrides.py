"""Overrides over HTTP: who gives one at which desk, what it answers to, and what is recorded."""

from typing import Any

import pytest

from rules.roles import Role, RoleGrant
from schema.ids import encoded
from tests.blocked import (
    LAW_DESK,
    MAIN_DESK,
    authorize,
    consume,
    errors_of,
    events_of,
    new_patron,
    overridden,
    override_of,
    passes_of,
    put_block,
    user_id,
)
from tests.cast import ASHFORD, LENA, MAX, NOW, OLIVE
from tests.database_server import Database
from tests.desk import Desk

UNPAID = "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal."


def test_an_override_lets_the_action_through_and_leaves_the_block(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    block = put_block(database, patron, "UNPAID")
    made = overridden(client, patron)
    assert made["userErrors"] == []
    assert made["pass"]["restsOn"] == [
        {"code": "USER_BLOCK", "record": encoded("b", block), "version": 1}
    ]
    assert events_of(database, patron) == [
        ("GRANTED", None, "olive", ["CIRCULATION_DESK_OPERATOR"])
    ]
    assert consume(client, patron, made["pass"]["id"])["userErrors"] == []
    state = "SELECT status, version, removed_at FROM user_block WHERE id = %(id)s"
    assert database.rows(state, ASHFORD, id=block) == [("ACTIVE", 1, None)]
    assert authorize(client, patron)["pass"] is None


def test_an_override_that_the_person_may_not_give_is_refused_and_recorded(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID", "LOST_CARD")
    made = overridden(client, patron)
    assert made["pass"] is None
    [error] = made["userErrors"]
    assert error["__typename"] == "NotOverridableError"
    assert error["message"].startswith("You may not override this here: A block is in force: Card")
    assert "Unpaid" not in error["message"]
    assert error["whoMayOverride"] == ["CIRCULATION_DESK_MANAGER"]
    assert events_of(database, patron) == [
        ("REFUSED", "NOT_OVERRIDABLE", "olive", ["CIRCULATION_DESK_OPERATOR"])
    ]
    assert passes_of(database, patron) == []
    reasons = database.value(
        "SELECT reasons FROM override_event WHERE user_id = %(id)s", ASHFORD, id=patron.id
    )
    assert isinstance(reasons, list)
    assert [(reason["description_code"], reason["is_in_the_way"]) for reason in reasons] == [
        ("UNPAID", False),
        ("LOST_CARD", True),
    ]


@pytest.mark.parametrize("person", [LENA, OLIVE, MAX], ids=lambda person: person.primary_id)
def test_a_hard_block_is_overridden_by_nobody(
    client: Desk, database: Database, person: Any
) -> None:
    patron = new_patron(database)
    database.put(
        "account_block",
        ASHFORD,
        user_id=patron.id,
        comment="Shouted at staff",
        blocked_by="max",
        blocked_at=NOW,
    )
    made = overridden(client.as_(person), patron)
    assert made["pass"] is None
    assert made["userErrors"][0]["whoMayOverride"] == []
    assert "Shouted" not in str(made)
    assert [event[:2] for event in events_of(database, patron)] == [("REFUSED", "NOT_OVERRIDABLE")]


def test_an_override_of_a_block_that_has_changed_is_refused_and_says_which(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    with database.owner(ASHFORD) as connection:
        connection.execute("UPDATE user_block SET version = 2 WHERE user_id = %s", [patron.id])
    made = authorize(client, patron, override=override_of(seen))
    assert errors_of(made) == [
        (
            "ConflictError",
            "What stands against this action is not what the override answers to. "
            f"Look again and decide anew: {UNPAID}",
            ["input", "override", "reasons"],
        )
    ]
    assert made["pass"] is None
    assert [event[:2] for event in events_of(database, patron)] == [("REFUSED", "CHANGED")]


def test_an_override_does_not_reach_a_block_that_came_later(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    put_block(database, patron, "ADDRESS")
    made = authorize(client, patron, override=override_of(seen))
    assert made["pass"] is None
    assert made["userErrors"][0]["message"].endswith(
        "decide anew: A block is in force: Address unknown. It stops loan."
    )
    assert passes_of(database, patron) == []


def test_where_the_block_has_gone_meanwhile_the_pass_needs_no_override(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_block WHERE user_id = %s", [patron.id])
    made = authorize(client, patron, override=override_of(seen))
    assert made["pass"]["restsOn"] == []
    assert events_of(database, patron) == []


def test_an_override_is_given_at_a_desk(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    made = authorize(client, patron, desk=None, override=override_of(seen))
    assert errors_of(made) == [
        (
            "InvalidInputError",
            "An override is given at a circulation desk: say at which.",
            ["input", "desk"],
        )
    ]
    assert (made["decision"], events_of(database, patron)) == (None, [])


def test_a_role_of_another_library_than_the_desk_does_not_override(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "UNPAID")
    at_law = client.as_(MAX, RoleGrant(role=Role.CIRCULATION_DESK_MANAGER, library_code="LAW"))
    assert overridden(at_law, patron)["pass"] is None
    assert [event[2:] for event in events_of(database, patron)] == [("max", [])]
    seen = authorize(client, patron)["decision"]
    made = authorize(at_law, patron, desk=LAW_DESK, override=override_of(seen))
    assert made["pass"]["desk"]["libraryCode"] == "LAW"


def test_a_patron_never_overrides_and_the_try_is_recorded(client: Desk, database: Database) -> None:
    patron = new_patron(database, "ADDRESS")
    made = overridden(client.as_(patron), patron)
    assert made["pass"] is None
    assert made["userErrors"][0]["__typename"] == "NotOverridableError"
    assert events_of(database, patron) == [
        ("REFUSED", "NOT_OVERRIDABLE", patron.primary_id, ["PATRON"])
    ]


def test_an_override_counts_for_one_action_only(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    assert overridden(client, patron, "LOAN")["pass"] is not None
    assert authorize(client, patron, "RENEW")["pass"] is None


def test_a_refused_try_stays_recorded_beside_a_command_that_succeeds(
    client: Desk, database: Database
) -> None:
    refused, free = new_patron(database, "CONDUCT"), new_patron(database)
    seen = authorize(client, refused)["decision"]
    query = """mutation($a: ActionAuthorizeInput!, $b: ActionAuthorizeInput!) {
      a: actionAuthorize(input: $a) { pass { id } userErrors { __typename } }
      b: actionAuthorize(input: $b) { pass { id } } }"""
    common = {"action": "LOAN", "itemBarcode": "I", "desk": MAIN_DESK}
    data = client.ask(
        query,
        a={**common, "user": user_id(refused), "override": override_of(seen)},
        b={**common, "user": user_id(free)},
    )
    assert data["a"] == {"pass": None, "userErrors": [{"__typename": "NotOverridableError"}]}
    assert data["b"]["pass"] is not None
    assert len(events_of(database, refused)) == 1
