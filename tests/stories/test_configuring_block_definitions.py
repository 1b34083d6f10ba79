"""Configuring User Block Definitions: what a block of each description stops, and who may
override it."""

from collections.abc import Iterator

import pytest

from tests.blocked import new_patron, overridden, user_id
from tests.cast import ADA, ASHFORD, GRETA, LENA, MAX, OLIVE, Person
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import stopped
from tests.table_desk import (
    block_tables_restored,
    code_id,
    definition_id,
    description_id,
    refusal,
    run,
)
from tests.written import nothing_written

DEFINITION = """blockDefinition { id rowId blockType overridable isNetworkBlock
  description { code } blockedAction { code actions } } warnings { message path }"""


@pytest.fixture(autouse=True)
def _tables_as_they_were(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


def new_description(desk: Desk) -> str:
    given = {"code": "DAMAGED", "text": "Damaged an item"}
    payload = run(desk.as_(ADA), "blockDescriptionAdd", "blockDescription { id }", **given)
    return str(payload["blockDescription"]["id"])


def test_a_description_comes_first_and_then_its_definition(
    client: Desk, database: Database
) -> None:
    """A definition rests on a description, so the description must be there before it; a block
    of a description that has no definition yet cannot be added."""
    patron = new_patron(database)
    description = new_description(client)
    draft = {"user": user_id(patron), "blocks": [{"description": description}]}
    early = run(client, "userBlockAdd", "userBlocks { id }", **draft)
    assert [e["path"] for e in early["userErrors"]] == [["input", "blocks", "0", "description"]]
    row = {"rowId": "DAMAGED", "blockType": "GENERAL", "overridable": "OPERATOR"}
    unknown = description_id("UNPAID", "CEDAR")
    missing = run(
        client.as_(ADA),
        "blockDefinitionAdd",
        DEFINITION,
        description=unknown,
        blockedAction=code_id("01"),
        **row,
    )
    assert [e["path"] for e in missing["userErrors"]] == [["input", "description"]]
    made = run(
        client.as_(ADA),
        "blockDefinitionAdd",
        DEFINITION,
        description=description,
        blockedAction=code_id("02"),
        **row,
    )
    assert made["blockDefinition"]["description"] == {"code": "DAMAGED"}
    assert run(client, "userBlockAdd", "userBlocks { id }", **draft)["userErrors"] == []


def test_a_definition_can_be_edited_but_for_its_id(client: Desk, database: Database) -> None:
    """What a row says can be changed, and blocks follow at once; its ID is fixed once saved."""
    patron = new_patron(database, "UNPAID")
    changed = run(
        client.as_(ADA),
        "blockDefinitionChange",
        DEFINITION,
        blockDefinition=definition_id("UNPAID"),
        blockedAction=code_id("01"),
        overridable="NONE",
    )["blockDefinition"]
    assert (changed["rowId"], changed["overridable"]) == ("UNPAID", "NONE")
    assert stopped(client, patron) == ["LOAN"]
    assert overridden(client.as_(MAX), patron)["pass"] is None
    document = (
        "mutation($d: ID!) { blockDefinitionChange(input: {blockDefinition: $d, rowId: "
        '"FEES"}) { userErrors { message } } }'
    )
    assert client.as_(ADA).error_codes(document, d=definition_id("UNPAID")) == ["VALIDATION_FAILED"]


def test_a_definition_that_blocks_rest_on_is_not_deleted(client: Desk, database: Database) -> None:
    """A row is deleted when no block rests on it; until then its blocks would lose their effect."""
    new_patron(database, "UNPAID")
    fees = {"blockDefinition": definition_id("UNPAID")}
    with nothing_written(database):
        kept = run(client.as_(ADA), "blockDefinitionRemove", "removed { rowId }", **fees)
    assert refusal(kept)[0] == "Conflict"
    with database.owner(ASHFORD) as owner:
        owner.execute("DELETE FROM user_block")
    removed = run(client.as_(ADA), "blockDefinitionRemove", "removed { rowId }", **fees)
    assert removed["removed"] == {"rowId": "UNPAID"}


@pytest.mark.parametrize(
    ("code", "actions"),
    [
        ("01", ["LOAN"]),
        ("02", ["LOAN", "RENEW", "AUTO_RENEW"]),
        ("03", ["LOAN", "RENEW", "AUTO_RENEW", "HOLD"]),
    ],
)
def test_three_blocked_actions_are_there_from_the_start(
    client: Desk, database: Database, code: str, actions: list[str]
) -> None:
    """01 stops loans, 02 renewals too, 03 holds as well; a block of each stops just that."""
    kinds = {"01": "ADDRESS", "02": "UNPAID", "03": "LOST_CARD"}
    assert stopped(client, new_patron(database, kinds[code])) == actions


def test_further_blocked_actions_are_made_by_the_institution_itself(
    client: Desk, database: Database
) -> None:
    """A code of its own, for resource sharing requests, say, needs no support desk."""
    code = run(
        client.as_(GRETA),
        "blockedActionCodeAdd",
        "blockedActionCode { id code actions }",
        code="04",
        name="Resource sharing",
        actions=["RESOURCE_SHARING"],
    )["blockedActionCode"]
    run(
        client.as_(GRETA),
        "blockDefinitionChange",
        DEFINITION,
        blockDefinition=definition_id("UNPAID"),
        blockedAction=code["id"],
    )
    assert stopped(client, new_patron(database, "UNPAID")) == ["RESOURCE_SHARING"]


@pytest.mark.parametrize(
    "block_type",
    ["CASH", "CONSORTIAL", "DEMERIT", "GENERAL", "LOAN", "RESOURCE_SHARING", "USER"],
)
def test_the_type_of_a_definition_is_for_information(
    client: Desk, database: Database, block_type: str
) -> None:
    """Seven types can be chosen; whichever it is, what a block stops stays the same."""
    run(
        client.as_(ADA),
        "blockDefinitionChange",
        DEFINITION,
        blockDefinition=definition_id("ADDRESS"),
        blockType=block_type,
    )
    rows = client.ask("{ blockDefinitions { rowId blockType } }")["blockDefinitions"]
    assert {"rowId": "ADDRESS", "blockType": block_type} in rows
    assert stopped(client, new_patron(database, "ADDRESS")) == ["LOAN"]


@pytest.mark.parametrize(
    ("overridable", "who"),
    [
        ("ALL", [LENA, OLIVE, MAX]),
        ("OPERATOR", [OLIVE, MAX]),
        ("CIRCDESC", [MAX]),
        ("NONE", []),
    ],
)
def test_the_definition_says_who_may_override(
    client: Desk, database: Database, overridable: str, who: list[Person]
) -> None:
    """ALL: whoever works at the desk; OPERATOR: not those with limited permissions; CIRCDESC: the
    manager; NONE: nobody."""
    run(
        client.as_(ADA),
        "blockDefinitionChange",
        DEFINITION,
        blockDefinition=definition_id("ADDRESS"),
        overridable=overridable,
    )
    patron = new_patron(database, "ADDRESS")
    passed = [
        person
        for person in (LENA, OLIVE, MAX)
        if overridden(client.as_(person), patron)["pass"] is not None
    ]
    assert passed == who


def test_a_block_does_not_travel_unless_its_definition_says_so(client: Desk) -> None:
    """Network block is off for a new row, and on where it was chosen."""
    row = {"rowId": "DAMAGED", "blockType": "GENERAL", "overridable": "ALL"}
    made = run(
        client.as_(ADA),
        "blockDefinitionAdd",
        DEFINITION,
        description=new_description(client),
        blockedAction=code_id("01"),
        **row,
    )["blockDefinition"]
    assert made["isNetworkBlock"] is False
    changed = run(
        client.as_(ADA),
        "blockDefinitionChange",
        DEFINITION,
        blockDefinition=made["id"],
        isNetworkBlock=True,
    )
    assert changed["blockDefinition"]["isNetworkBlock"] is True


def test_the_row_of_incoming_copies_never_travels_back(client: Desk, database: Database) -> None:
    """The definition under which copies arrive cannot be a network block: nothing goes back to
    where it came from."""
    with nothing_written(database):
        refused = run(
            client.as_(ADA),
            "blockDefinitionChange",
            DEFINITION,
            blockDefinition=definition_id("CONSORTIA"),
            isNetworkBlock=True,
        )
    assert [e["path"] for e in refused["userErrors"]] == [["input", "isNetworkBlock"]]
