"""Configuring User Block Descriptions: the list of reasons from which staff choose."""

from collections.abc import Iterator

import pytest

from rules.roles import Role
from tests.blocked import new_patron
from tests.cast import ADA, CARL, OLIVE, ONE_OF_EACH_ROLE
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import add_blocks, blocks_tab, stopped
from tests.table_desk import (
    CODES,
    block_tables_restored,
    description_id,
    listed,
    refusal,
    run,
    upload,
)
from tests.written import nothing_written

DESCRIPTION = "blockDescription { id code text isEnabled isDefault }"


@pytest.fixture(autouse=True)
def _tables_as_they_were(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


def new_description(desk: Desk, code: str = "DAMAGED") -> str:
    payload = run(
        desk.as_(ADA), "blockDescriptionAdd", DESCRIPTION, code=code, text="Damaged an item"
    )
    return str(payload["blockDescription"]["id"])


def test_the_descriptions_are_what_staff_choose_from_when_blocking(client: Desk) -> None:
    """The same list feeds the form for definitions and the drop-down when a user is blocked."""
    new_description(client)
    assert listed(client.as_(OLIVE), enabled_only=True)[-1] == "DAMAGED"


def test_a_list_of_descriptions_is_imported_from_a_file(client: Desk) -> None:
    """A file fills the list: looked at beforehand without a change, then taken as a whole."""
    file = upload(client.as_(ADA), "code,description\nDAMAGED,Damaged an item\nNOISE,Was loud\n")
    plan = "plan { addCount changeCount } lineErrors { line message }"
    dry = run(client.as_(ADA), "blockDescriptionsImport", plan, upload=file, dryRun=True)
    assert dry["plan"] == {"addCount": 2, "changeCount": 0}
    assert listed(client) == CODES
    run(client.as_(ADA), "blockDescriptionsImport", plan, upload=file)
    assert listed(client) == [*CODES, "DAMAGED", "NOISE"]


def test_one_bad_line_in_the_file_keeps_everything_out(client: Desk) -> None:
    """A file is taken whole or not at all, and the bad line is named."""
    file = upload(client.as_(ADA), "code,description\nDAMAGED,Damaged an item\nNOISE,\n")
    refused = run(
        client.as_(ADA),
        "blockDescriptionsImport",
        "plan { addCount } lineErrors { line }",
        upload=file,
    )
    assert [error["line"] for error in refused["lineErrors"]] == [3]
    assert listed(client) == CODES


def test_code_and_text_of_a_description_can_be_changed_and_blocks_come_along(
    client: Desk, database: Database
) -> None:
    """The fields of a row can be modified; blocks that have the description show the new words."""
    patron = new_patron(database, "UNPAID")
    run(
        client.as_(ADA),
        "blockDescriptionChange",
        DESCRIPTION,
        blockDescription=description_id("UNPAID"),
        code="FEES",
        text="Open fees",
    )
    [block] = blocks_tab(client, patron)["blocks"]
    assert block["description"] == {"code": "FEES", "text": "Open fees"}
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]


def test_a_description_nobody_uses_can_be_deleted_and_one_in_use_cannot(
    client: Desk, database: Database
) -> None:
    """Deleting takes a row out of the list, unless a definition or a block still has it."""
    payload = run(
        client.as_(ADA),
        "blockDescriptionRemove",
        "removed { code }",
        blockDescription=new_description(client),
    )
    assert payload["removed"] == {"code": "DAMAGED"}
    with nothing_written(database):
        kind, _, path = refusal(
            run(
                client.as_(ADA),
                "blockDescriptionRemove",
                "removed { code }",
                blockDescription=description_id("UNPAID"),
            )
        )
    assert (kind, path) == ("Conflict", ["input", "blockDescription"])


def test_a_disabled_description_is_offered_no_more_and_its_blocks_stay_in_force(
    client: Desk, database: Database
) -> None:
    """Disabling ends new blocks of the kind, not those that are there; enabling brings it back."""
    patron = new_patron(database, "UNPAID")
    fees = {"blockDescription": description_id("UNPAID")}
    run(client.as_(ADA), "blockDescriptionDisable", DESCRIPTION, **fees)
    assert "UNPAID" not in listed(client, enabled_only=True)
    assert add_blocks(client, new_patron(database), {"description": "UNPAID"})["userErrors"] != []
    assert stopped(client, patron) == ["LOAN", "RENEW", "AUTO_RENEW"]
    run(client.as_(ADA), "blockDescriptionEnable", DESCRIPTION, **fees)
    assert add_blocks(client, new_patron(database), {"description": "UNPAID"})["userErrors"] == []


def test_the_list_can_be_put_in_another_order(client: Desk) -> None:
    """The order is the institution's own, and staff are offered the descriptions in it."""
    wanted = [*reversed(CODES)]
    run(
        client.as_(ADA),
        "blockDescriptionsReorder",
        "blockDescriptions { code }",
        order=[description_id(code) for code in wanted],
    )
    assert listed(client) == wanted


def test_one_description_is_the_default(client: Desk, database: Database) -> None:
    """At most one row is chosen beforehand when a block is added."""
    run(
        client.as_(ADA),
        "blockDescriptionDefaultSet",
        "blockDescriptions { code }",
        blockDescription=description_id("LOST_CARD"),
    )
    rows = client.ask("{ blockDescriptions { code isDefault } }")["blockDescriptions"]
    assert [row["code"] for row in rows if row["isDefault"]] == ["LOST_CARD"]
    patron = new_patron(database)
    add_blocks(client, patron, {})
    assert blocks_tab(client, patron)["blocks"][0]["description"]["code"] == "LOST_CARD"


@pytest.mark.parametrize("role", Role)
def test_only_two_roles_configure(client: Desk, database: Database, role: Role) -> None:
    """Configuration belongs to the fulfillment administrator and the system administrator."""
    payload = run(
        client.as_(ONE_OF_EACH_ROLE[role]),
        "blockDescriptionAdd",
        DESCRIPTION,
        code="DAMAGED",
        text="Damaged an item",
    )
    may = role in {Role.FULFILLMENT_ADMINISTRATOR, Role.GENERAL_SYSTEM_ADMINISTRATOR}
    assert [e["__typename"] for e in payload["userErrors"]] == (
        [] if may else ["NotPermittedError"]
    )
    assert ("DAMAGED" in listed(client)) is may


def test_the_tables_are_the_institutions_and_count_in_all_its_libraries(client: Desk) -> None:
    """Each institution has its own rows, for all of its libraries; a change here is none there."""
    new_description(client)
    assert "DAMAGED" in listed(client)
    assert listed(client.as_(CARL)) == CODES
