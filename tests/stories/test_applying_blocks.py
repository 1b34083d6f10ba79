"""How to Manage Patron Blocks, step 4: blocks are added on the Blocks tab of the record."""

import pytest

from rules.roles import Role
from tests.blocked import new_patron
from tests.cast import MAX, NOW, OLIVE, ONE_OF_EACH_ROLE
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import user_id
from tests.stories.desk_work import (
    ALL_ACTIONS,
    add_blocks,
    blocks_tab,
    history,
    open_patron,
    stopped,
)
from tests.written import nothing_written

ADDERS = {
    Role.CIRCULATION_DESK_OPERATOR,
    Role.CIRCULATION_DESK_MANAGER,
    Role.FULFILLMENT_SERVICES_OPERATOR,
    Role.USER_MANAGER,
    Role.USER_ADMINISTRATOR,
}


def test_the_record_is_found_first_and_its_tab_shows_no_blocks_yet(
    client: Desk, database: Database
) -> None:
    """Staff look the patron up, open the details and turn to the Blocks tab."""
    patron = new_patron(database)
    assert open_patron(client, str(patron.barcode))["id"] == user_id(patron)
    assert blocks_tab(client, patron) == {"hasBlocks": False, "blocks": [], "removed": []}


def test_the_reasons_to_choose_from_are_the_institutions_own(
    client: Desk, database: Database
) -> None:
    """Add Block offers the enabled descriptions of the table, in its order, one of them chosen
    beforehand; what is disabled is not offered and cannot be had."""
    query = "{ blockDescriptions(enabledOnly: true) { code isDefault } }"
    offered = client.ask(query)["blockDescriptions"]
    assert [d["code"] for d in offered] == [
        "ADDRESS",
        "UNPAID",
        "LOST_CARD",
        "CONDUCT",
        "OVERDUE",
        "CONSORTIA",
        "UNDEFINED",
    ]
    assert [d["code"] for d in offered if d["isDefault"]] == ["ADDRESS"]
    patron = new_patron(database)
    with nothing_written(database):
        refused = add_blocks(client, patron, {"description": "RETIRED"})
    assert refused["userBlocks"] is None
    assert refused["userErrors"][0]["path"] == ["input", "blocks", "0", "description"]


def test_a_description_alone_makes_a_block(client: Desk, database: Database) -> None:
    """Expiry and note are filled in only where they apply; the block then has no end."""
    patron = new_patron(database)
    payload = add_blocks(client, patron, {"description": "LOST_CARD"})
    assert payload["userErrors"] == []
    [block] = blocks_tab(client, patron)["blocks"]
    assert payload["userBlocks"][0]["id"] == block["id"]
    assert (block["description"]["text"], block["status"]) == ("Card reported lost", "ACTIVE")
    assert (block["expiresAt"], block["staffNote"], block["patronText"]) == (None, None, None)
    assert (block["createdBy"], block["createdAt"]) == ("olive", NOW.isoformat())
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW", "HOLD"]


def test_expiry_and_note_are_kept_with_the_block(client: Desk, database: Database) -> None:
    """An expiry given as a day means the whole of that day at the institution; the note is for
    staff, and what the patron is to read is a text of its own."""
    patron = new_patron(database)
    add_blocks(
        client,
        patron,
        {
            "description": "UNPAID",
            "expiresOn": "2026-12-24",
            "staffNote": "Rechnung Nr. 7 – 未払い",
            "patronText": "Please pay your invoice.",
        },
    )
    [block] = blocks_tab(client, patron)["blocks"]
    assert block["expiresAt"] == "2026-12-25T05:00:00+00:00"
    assert block["staffNote"] == "Rechnung Nr. 7 – 未払い"
    assert block["patronText"] == "Please pay your invoice."


@pytest.mark.parametrize(
    "past", [{"expiresOn": "2026-11-21"}, {"expiresAt": "2026-11-22T11:59:59Z"}]
)
def test_an_expiry_in_the_past_is_refused(
    client: Desk, database: Database, past: dict[str, str]
) -> None:
    """A block that would be over before it began is a slip, and is said to be one."""
    patron = new_patron(database)
    with nothing_written(database):
        refused = add_blocks(client, patron, {"description": "UNPAID", **past})
    assert [(e["message"], e["path"]) for e in refused["userErrors"]] == [
        (
            "The expiry date has passed already; choose a later one, or none.",
            ["input", "blocks", "0", *past],
        )
    ]


def test_several_blocks_are_saved_at_once(client: Desk, database: Database) -> None:
    """Add, for one block after the other, and a single Save for all of them."""
    patron = new_patron(database)
    payload = add_blocks(
        client,
        patron,
        {"description": "UNPAID", "staffNote": "Owes 12.50"},
        {"description": "ADDRESS", "expiresOn": "2026-12-01"},
        {"description": "CONDUCT"},
    )
    assert len(payload["userBlocks"]) == 3
    codes = [block["description"]["code"] for block in blocks_tab(client, patron)["blocks"]]
    assert codes == ["UNPAID", "ADDRESS", "CONDUCT"]
    assert stopped(client, patron) == ALL_ACTIONS


def test_save_keeps_all_of_them_or_none(client: Desk, database: Database) -> None:
    """Where one of several cannot be saved, none is, and the wrong one is pointed at."""
    patron = new_patron(database)
    with nothing_written(database):
        refused = add_blocks(
            client,
            patron,
            {"description": "UNPAID"},
            {"description": "ADDRESS", "expiresOn": "2020-01-01"},
        )
    assert [e["path"] for e in refused["userErrors"]] == [["input", "blocks", "1", "expiresOn"]]
    assert blocks_tab(client, patron)["hasBlocks"] is False


def test_what_is_saved_is_there_for_everybody_at_once(client: Desk, database: Database) -> None:
    """Once saved, the next person who opens the patron meets the block."""
    patron = new_patron(database)
    add_blocks(client, patron, {"description": "ADDRESS"})
    assert open_patron(client.as_(MAX), patron.primary_id)["hasBlocks"] is True
    assert stopped(client.as_(MAX), patron) == ["LOAN"]


def test_reasons_come_from_the_table_so_that_the_history_can_be_counted_by_them(
    client: Desk, database: Database
) -> None:
    """Reasons are formal, for audit and figures: a block has a description of the table and no
    free one, and its history says which, by whom and when."""
    patron = new_patron(database)
    added = add_blocks(client, patron, {"description": "UNPAID", "staffNote": "Owes 12.50"})
    [block] = added["userBlocks"]
    [event] = history(client, block["id"])
    assert (event["deed"], event["actor"], event["channel"]) == ("user_block.add", "olive", "STAFF")
    assert event["at"] == NOW.isoformat()
    assert event["changes"]["descriptionCode"] == (None, "UNPAID")
    assert event["changes"]["descriptionText"] == (None, "Unpaid fees")


def test_without_a_choice_the_default_description_is_taken(
    client: Desk, database: Database
) -> None:
    """The description that is chosen beforehand is what a block without a choice gets."""
    patron = new_patron(database)
    add_blocks(client, patron, {})
    assert [b["description"]["code"] for b in blocks_tab(client, patron)["blocks"]] == ["ADDRESS"]


@pytest.mark.parametrize("role", Role)
def test_only_the_roles_that_are_meant_to_can_add_blocks(
    client: Desk, database: Database, role: Role
) -> None:
    """The desk's operators and managers and those who keep users may; others are turned down."""
    patron = new_patron(database)
    payload = add_blocks(client.as_(ONE_OF_EACH_ROLE[role]), patron, {"description": "UNPAID"})
    kinds = [error["__typename"] for error in payload["userErrors"]]
    assert kinds == ([] if role in ADDERS else ["NotPermittedError"])
    added = blocks_tab(client.as_(OLIVE), patron)["blocks"]
    assert len(added) == (1 if role in ADDERS else 0)
