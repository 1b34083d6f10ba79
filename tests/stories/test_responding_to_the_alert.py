"""How to Manage Patron Blocks, step 2: Cancel, OK or, for those who may, Override."""

from typing import Any

import pytest

from tests.blocked import MAIN_DESK, authorize, new_patron, override_of, passes_of
from tests.cast import ADA, AUDREY, FELIX, LENA, MAX, OLIVE, UMA, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import (
    blocks_tab,
    lends,
    open_patron,
    override_events,
    stopped,
)
from tests.written import nothing_written


def choices(opened: dict[str, Any]) -> list[str]:
    """The buttons that a screen draws for an alert."""
    return ["Cancel", "OK", "Override"] if opened["alert"]["mayOverride"] else ["Cancel", "OK"]


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (LENA, ["Cancel", "OK"]),
        (OLIVE, ["Cancel", "OK", "Override"]),
        (MAX, ["Cancel", "OK", "Override"]),
        (FELIX, ["Cancel", "OK"]),
        (UMA, ["Cancel", "OK"]),
        (ADA, ["Cancel", "OK"]),
        (AUDREY, ["Cancel", "OK"]),
    ],
    ids=lambda value: value.primary_id if isinstance(value, Person) else "",
)
def test_there_are_two_choices_or_three_depending_on_the_permissions(
    client: Desk, database: Database, person: Person, expected: list[str]
) -> None:
    """Whoever may override this patron's blocks is offered a third choice; others two."""
    patron = new_patron(database, "UNPAID")
    assert choices(open_patron(client.as_(person), patron.primary_id)) == expected


def test_where_one_block_may_not_be_overridden_there_is_no_third_choice_and_it_is_named(
    client: Desk, database: Database
) -> None:
    """An override answers to all that stands, so one block out of reach takes it away."""
    patron = new_patron(database, "UNPAID", "LOST_CARD")
    opened = open_patron(client, patron.primary_id)
    assert choices(opened) == ["Cancel", "OK"]
    assert opened["alert"]["inTheWay"] == [
        {
            "sentence": "A block is in force: Card reported lost. It stops loan, renewal, "
            "automatic renewal and hold."
        }
    ]
    assert choices(open_patron(client.as_(MAX), patron.primary_id)) == ["Cancel", "OK", "Override"]


def test_cancel_leaves_without_a_trace(client: Desk, database: Database) -> None:
    """Cancel ends it there: no transaction, and nothing that anybody would find later."""
    patron = new_patron(database, "UNPAID")
    with nothing_written(database):
        assert choices(open_patron(client, patron.primary_id))[0] == "Cancel"
    assert override_events(client.as_(MAX), patron) == []


def test_ok_opens_the_record_with_the_details_and_starts_no_transaction(
    client: Desk, database: Database
) -> None:
    """OK goes on to the record, where each block can be looked at; the loan is still stopped."""
    patron = new_patron(database, "UNPAID")
    with nothing_written(database):
        [block] = blocks_tab(client, patron)["blocks"]
    assert block["description"] == {"code": "UNPAID", "text": "Unpaid fees"}
    assert (block["status"], block["isInForce"]) == ("ACTIVE", True)
    assert (block["staffNote"], block["createdBy"]) == ("For staff alone", "olive")
    assert (block["overridable"], block["stops"]) == ("OPERATOR", ["LOAN", "RENEW", "AUTO_RENEW"])
    assert passes_of(database, patron) == []
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]


def test_override_goes_past_the_block_and_on_with_the_checkout(
    client: Desk, database: Database
) -> None:
    """Override, by one who may, answers to what the alert showed; the checkout then goes on."""
    patron = new_patron(database, "UNPAID")
    seen = open_patron(client, patron.primary_id)["alert"]
    assert lends(client, patron, override=override_of(seen)) is True
    assert passes_of(database, patron) == [(True,)]


def test_the_choice_decides_whether_the_loan_goes_on_or_stays_stopped(
    client: Desk, database: Database
) -> None:
    """Why it matters: without an override the loan stays stopped, with one it goes through."""
    patron = new_patron(database, "UNPAID")
    seen = open_patron(client, patron.primary_id)["alert"]
    assert lends(client, patron) is False
    assert lends(client, patron, override=override_of(seen)) is True


def test_overriding_is_for_the_higher_roles_and_a_try_of_others_is_kept(
    client: Desk, database: Database
) -> None:
    """Overriding is kept for roles that the institution's tables name; a limited operator who
    tries all the same gets nowhere, and managers can read about it."""
    patron = new_patron(database, "UNPAID")
    seen = open_patron(client.as_(LENA), patron.primary_id)["alert"]
    refused = authorize(client.as_(LENA), patron, override=override_of(seen))
    assert refused["pass"] is None
    assert refused["userErrors"][0]["whoMayOverride"] == [
        "CIRCULATION_DESK_OPERATOR",
        "CIRCULATION_DESK_MANAGER",
    ]
    [event] = override_events(client.as_(MAX), patron)
    assert (event["operator"], event["outcome"]) == ("lena", "REFUSED")
    assert event["refusal"] == "NOT_OVERRIDABLE"


def test_a_patron_never_overrides(client: Desk, database: Database) -> None:
    """The third choice is for staff at a desk; patrons have no override of their own blocks."""
    patron = new_patron(database, "UNPAID")
    themselves = client.as_(patron)
    seen = open_patron(themselves, patron.primary_id)["alert"]
    assert seen["mayOverride"] is False
    tried = authorize(themselves, patron, override=override_of(seen), desk=MAIN_DESK)
    assert tried["pass"] is None
    assert passes_of(database, patron) == []
