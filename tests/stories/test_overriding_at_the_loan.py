"""How to Manage Patron Blocks, step 3: the alert comes again at the attempt, and an override there
lets that one loan through."""

from typing import Any

from tests.blocked import authorize, consume, new_patron, overridden, override_of, put_block
from tests.cast import LENA, MAX, NOW, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import blocks_tab, lends, open_patron, override_events

UNPAID = "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal."


def sentences(payload: dict[str, Any]) -> list[str]:
    return [reason["sentence"] for reason in payload["decision"]["reasons"]]


def whole_override(desk: Desk, patron: Person) -> dict[str, object]:
    return override_of(authorize(desk, patron)["decision"])


def test_the_attempt_raises_the_alert_a_second_time(client: Desk, database: Database) -> None:
    """Going on to the record is no consent: the attempted checkout brings the alert again."""
    patron = new_patron(database, "UNPAID")
    opened = [r["sentence"] for r in open_patron(client, patron.primary_id)["alert"]["reasons"]]
    attempted = authorize(client, patron)
    assert opened == sentences(attempted) == [UNPAID]
    assert attempted["pass"] is None
    assert [error["message"] for error in attempted["userErrors"]] == [
        f"Reasons stand against this action. {UNPAID}"
    ]


def test_the_second_alert_tells_only_what_stands_against_this_action(
    client: Desk, database: Database
) -> None:
    """The first alert shows every block; at a hold only what stops holds is in the way."""
    patron = new_patron(database, "UNPAID", "LOST_CARD")
    assert len(open_patron(client, patron.primary_id)["alert"]["reasons"]) == 2
    assert sentences(authorize(client, patron, "HOLD")) == [
        "A block is in force: Card reported lost. It stops loan, renewal, automatic renewal and "
        "hold."
    ]


def test_override_at_the_attempt_completes_the_loan_if_permitted(
    client: Desk, database: Database
) -> None:
    """Override in the second alert carries the transaction on, for those who may."""
    patron = new_patron(database, "UNPAID")
    assert lends(client, patron, override=whole_override(client, patron)) is True


def test_override_at_the_attempt_is_refused_if_not_permitted(
    client: Desk, database: Database
) -> None:
    """Those who may not override cannot complete the transaction in the second alert either."""
    patron = new_patron(database, "UNPAID")
    limited = client.as_(LENA)
    assert lends(limited, patron, override=whole_override(limited, patron)) is False


def test_an_override_lets_one_transaction_through_and_the_next_one_is_stopped_again(
    client: Desk, database: Database
) -> None:
    """What was overridden is this loan of this item, once; the next loan meets the block."""
    patron = new_patron(database, "UNPAID")
    issued = overridden(client, patron)["pass"]
    other = consume(client, patron, issued["id"], itemBarcode="ITEM-2")
    assert other["userErrors"][0]["path"] == ["input", "itemBarcode"]
    assert consume(client, patron, issued["id"])["userErrors"] == []
    again = consume(client, patron, issued["id"])
    assert again["userErrors"][0]["message"] == (
        "This pass has been used already; ask for a new one."
    )
    assert lends(client, patron, "ITEM-2") is False


def test_an_override_leaves_the_block_as_it_was(client: Desk, database: Database) -> None:
    """The block is on the record afterwards as before: same version, still in force."""
    patron = new_patron(database, "UNPAID")
    before = blocks_tab(client, patron)
    assert lends(client, patron, override=whole_override(client, patron)) is True
    assert blocks_tab(client, patron) == before
    assert before["blocks"][0]["isInForce"] is True


def test_the_second_look_catches_a_block_that_came_after_the_first(
    client: Desk, database: Database
) -> None:
    """Why it matters: an override is confirmed against what stands at the attempt, not against
    what an alert showed before; whoever overrides has seen what they override."""
    patron = new_patron(database, "UNPAID")
    seen = open_patron(client, patron.primary_id)["alert"]
    put_block(database, patron, "ADDRESS")
    tried = authorize(client, patron, override=override_of(seen))
    assert tried["pass"] is None
    [event] = override_events(client.as_(MAX), patron)
    assert (event["outcome"], event["refusal"]) == ("REFUSED", "CHANGED")
    assert lends(client, patron, override=whole_override(client, patron)) is True


def test_a_block_that_comes_between_override_and_loan_stops_the_loan(
    client: Desk, database: Database
) -> None:
    """The confirmation holds to the end: at the loan itself it is looked once more."""
    patron = new_patron(database, "UNPAID")
    issued = overridden(client, patron)["pass"]
    put_block(database, patron, "LOST_CARD")
    used = consume(client, patron, issued["id"])
    assert used["pass"] is None
    assert used["userErrors"][0]["message"].startswith("The pass no longer holds; ask for a new")


def test_an_override_is_deliberate_so_it_says_why(client: Desk, database: Database) -> None:
    """Why it matters: overrides are meant, and answered for; one without a reason is refused."""
    patron = new_patron(database, "UNPAID")
    seen = authorize(client, patron)["decision"]
    refused = authorize(client, patron, override=override_of(seen, why="  "))
    assert refused["pass"] is None
    assert refused["userErrors"][0]["path"] == ["input", "override", "why"]
    given = authorize(client, patron, override=override_of(seen, why="Pays on Monday"))
    assert given["pass"]["restsOn"] == [
        {name: seen["reasons"][0][name] for name in ("code", "record", "version")}
    ]
    [event] = override_events(client.as_(MAX), patron)
    assert (event["at"], event["why"]) == (NOW.isoformat(), "Pays on Monday")
