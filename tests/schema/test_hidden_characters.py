"""Codes and identifiers with characters that nobody sees, over HTTP: two could look the same."""

from collections.abc import Iterator

import pytest

from tests.cast import ADA, UMA, URSULA
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import errors_of
from tests.schema.test_user_keeping import added, give
from tests.table_desk import block_tables_restored, code_id, description_id, refusal, run
from tests.written import nothing_written

ROW = "blockDescription { text }"


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


@pytest.mark.parametrize("char", ["\u200b", "\ufeff", "\u202e", "\u2060", "\u200d", "\u200c"])
def test_a_code_that_hides_a_character_is_refused_and_a_text_keeps_it(ada: Desk, char: str) -> None:
    sentence = f"This contains an invisible character (U+{ord(char):04X}); write it without."
    hidden = f"NO{char}ISE"
    refused = ("InvalidInput", sentence, ["input", "code"])
    assert refusal(run(ada, "blockDescriptionAdd", code=hidden, text="Loud")) == refused
    given = {"blockDescription": description_id("UNPAID"), "code": hidden}
    assert refusal(run(ada, "blockDescriptionChange", **given)) == refused
    action = {"code": hidden, "name": "Nothing", "actions": ["LOAN"]}
    assert refusal(run(ada, "blockedActionCodeAdd", **action)) == refused
    definition = {
        "rowId": hidden,
        "description": description_id("UNDEFINED"),
        "blockedAction": code_id("01"),
        "blockType": "CASH",
        "overridable": "NONE",
    }
    payload = run(ada, "blockDefinitionAdd", **definition)
    assert refusal(payload) == ("InvalidInput", sentence, ["input", "rowId"])
    kept = run(ada, "blockDescriptionAdd", ROW, code="NOISE", text=hidden)["blockDescription"]
    assert kept["text"] == hidden
    empty = ("InvalidInput", "This cannot be empty.", ["input", "text"])
    assert refusal(run(ada, "blockDescriptionAdd", code="NOISE2", text=char)) == empty


@pytest.mark.parametrize("char", ["\u200b", "\ufeff", "\u202e", "\u2060", "\u200d", "\u200c"])
def test_an_identifier_that_hides_a_character_is_refused_and_a_name_keeps_it(
    client: Desk, database: Database, char: str
) -> None:
    user = added(client.as_(UMA), lastName=f"A{char}b")
    assert user["lastName"] == f"A{char}b"
    hidden = f"A{char}b"
    sentence = f"This contains an invisible character (U+{ord(char):04X}); write it without."
    identifiers = [{"typeCode": hidden, "value": hidden}]
    with nothing_written(database):
        made = give(client.as_(UMA), "userAdd", primaryId=hidden, lastName="B")
        named = give(client.as_(URSULA), "userChange", id=user["id"], primaryId=hidden)
        carried = give(client.as_(UMA), "userChange", id=user["id"], identifiers=identifiers)
        nobody = give(client.as_(UMA), "userChange", id=user["id"], lastName=char)
    at_primary = [("InvalidInputError", ["input", "primaryId"], sentence)]
    assert errors_of(made) == errors_of(named) == at_primary
    assert errors_of(carried) == [
        ("InvalidInputError", ["input", "identifiers", "0", name], sentence)
        for name in ("typeCode", "value")
    ]
    assert [path for _, path, _ in errors_of(nobody)] == [["input", "lastName"]]
