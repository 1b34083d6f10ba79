"""How to Manage Patron Blocks, step 1: whoever opens a blocked patron is told so at once."""

import pytest

from tests.blocked import new_patron, put_block
from tests.cast import ASHFORD, AUDREY, LENA, MAX, OLIVE, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import alert_sentences, open_patron

UNPAID = "A block is in force: Unpaid fees. It stops loan, renewal and automatic renewal."
ADDRESS = "A block is in force: Address unknown. It stops loan."


def test_an_identifier_at_the_desk_brings_up_what_stands_against_the_patron(
    client: Desk, database: Database
) -> None:
    """Staff enter the patron's id; the patron's restrictions come up before anything else."""
    patron = new_patron(database, "UNPAID")
    opened = open_patron(client, patron.primary_id)
    [reason] = opened["alert"]["reasons"]
    assert (opened["primaryId"], opened["hasBlocks"]) == (patron.primary_id, True)
    assert (reason["code"], reason["sentence"]) == ("USER_BLOCK", UNPAID)
    assert reason["stops"] == ["LOAN", "RENEW", "AUTO_RENEW"]
    assert reason["block"]["description"] == {"text": "Unpaid fees"}


def test_a_barcode_does_as_well_as_the_primary_identifier(client: Desk, database: Database) -> None:
    """Whichever identifier the card carries, the same patron and the same alert come up."""
    patron = new_patron(database, "UNPAID")
    assert open_patron(client, str(patron.barcode)) == open_patron(client, patron.primary_id)


def test_a_name_brings_up_the_alert_for_those_who_may_search_by_name(
    client: Desk, database: Database
) -> None:
    """Staff enter the patron's name instead; searching by name is a permission of its own."""
    patron = new_patron(database, "UNPAID")
    query = (
        "query($name: String!) { users(name: $name) { nodes { primaryId hasBlocks "
        "alert { reasons { sentence } } } } }"
    )
    assert client.as_(MAX).ask(query, name=patron.last_name)["users"]["nodes"] == [
        {
            "primaryId": patron.primary_id,
            "hasBlocks": True,
            "alert": {"reasons": [{"sentence": UNPAID}]},
        }
    ]
    assert client.error_codes(query, name=patron.last_name) == ["NOT_PERMITTED"]


@pytest.mark.parametrize("person", [LENA, OLIVE, MAX, AUDREY], ids=lambda p: str(p.primary_id))
def test_the_alert_shows_each_restriction_to_whoever_opens_the_patron(
    client: Desk, database: Database, person: Person
) -> None:
    """All of the patron's restrictions are listed, and every role of staff sees the same ones."""
    patron = new_patron(database, "UNPAID", "ADDRESS")
    assert alert_sentences(client.as_(person), patron) == [UNPAID, ADDRESS]


def test_a_patron_without_restrictions_raises_no_alert(client: Desk, database: Database) -> None:
    """Nothing pops up where there is nothing to tell."""
    opened = open_patron(client, new_patron(database).primary_id)
    assert (opened["hasBlocks"], opened["alert"]["reasons"]) == (False, [])
    assert opened["alert"]["mayOverride"] is False


def test_an_expired_account_raises_the_alert_without_any_block(
    client: Desk, database: Database
) -> None:
    """Expired accounts are among what keeps a patron from borrowing: the alert names them."""
    patron = new_patron(database)
    with database.owner(ASHFORD) as owner:
        owner.execute(
            "UPDATE user_account SET expires_on = '2026-11-21' WHERE id = %s", [patron.id]
        )
    opened = open_patron(client, patron.primary_id)
    assert opened["hasBlocks"] is False
    assert alert_sentences(client, patron) == [
        "The account has expired. Its last day was 2026-11-21."
    ]


def test_the_staff_note_is_in_the_alert_of_staff_and_never_in_what_the_patron_sees(
    client: Desk, database: Database
) -> None:
    """What the alert tells staff in confidence, the patron's own view of it leaves out."""
    patron = new_patron(database)
    put_block(database, patron, "UNPAID", staff_note="Was rude", patron_text="Please pay.")
    [of_staff] = open_patron(client, patron.primary_id)["alert"]["reasons"]
    of_patron = open_patron(client.as_(patron), patron.primary_id)
    assert of_staff["block"]["staffNote"] == "Was rude"
    [reason] = of_patron["alert"]["reasons"]
    assert (reason["block"]["staffNote"], reason["block"]["patronText"]) == (None, "Please pay.")
    assert "Was rude" not in str(of_patron)
