"""Notes about users over HTTP: reminders that block nothing."""

from typing import Any

import pytest

from tests.blocked import new_patron
from tests.cast import AUDREY, CARL, LENA, OLIVE
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, errors_of, history_of, user_id
from tests.written import nothing_written


def give(desk: Desk, command: str, /, **given: object) -> Any:
    kind = command[0].upper() + command[1:]
    document = (
        f"mutation($input: {kind}Input!) {{ {command}(input: $input) {{ "
        "userNote { id text isPatronVisible isPopup createdBy version } "
        "userErrors { __typename message path } } }"
    )
    return desk.ask(document, input=given)[command]


def test_a_note_is_added_changed_and_taken_away_and_the_history_keeps_it(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    added = give(client, "userNoteAdd", user=user_id(patron), text="Card at desk", isPopup=True)
    note = added["userNote"]
    number = note["id"]
    assert note == {
        "id": number,
        "text": "Card at desk",
        "isPatronVisible": False,
        "isPopup": True,
        "createdBy": "olive",
        "version": 1,
    }
    changed = give(client, "userNoteChange", id=number, version=1, isPatronVisible=True)["userNote"]
    assert (changed["text"], changed["isPatronVisible"], changed["version"]) == (
        "Card at desk",
        True,
        2,
    )
    asked = client.ask(
        "query($i: String!) { user(identifier: $i) { notes { nodes { id } } hasBlocks "
        "gate { isAllowed } } }",
        i=patron.primary_id,
    )["user"]
    assert asked["notes"]["nodes"] == [{"id": number}]
    assert asked["hasBlocks"] is False
    assert {decision["isAllowed"] for decision in asked["gate"]} == {True}
    give(client, "userNoteRemove", id=number)
    assert [deed for deed, *_ in history_of(database, number)] == [
        "user_note.add",
        "user_note.change",
        "user_note.remove",
    ]
    assert history_of(database, number)[2][2]["text"] == "Card at desk"


def test_a_change_to_what_stands_there_leaves_no_trace(client: Desk, database: Database) -> None:
    note = give(client, "userNoteAdd", user=user_id(new_patron(database)), text="A")["userNote"]
    with nothing_written(database):
        payload = give(client, "userNoteChange", id=note["id"], text="A", isPopup=False)
    assert payload["userNote"]["version"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write the text of the note."),
        ("x" * 4001, "The text is longer than 4000 characters."),
        ("\x0c", "The text contains a control character (U+000C), which cannot be kept."),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(
    client: Desk, database: Database, text: str, message: str
) -> None:
    patron = user_id(new_patron(database))
    note = give(client, "userNoteAdd", user=patron, text="A")["userNote"]
    with nothing_written(database):
        added = give(client, "userNoteAdd", user=patron, text=text)
        changed = give(client, "userNoteChange", id=note["id"], text=text)
    for payload in (added, changed):
        assert errors_of(payload) == [("InvalidInputError", ["input", "text"], message)]


def test_null_is_no_text(client: Desk, database: Database) -> None:
    note = give(client, "userNoteAdd", user=user_id(new_patron(database)), text="A")["userNote"]
    document = (
        "mutation($input: UserNoteChangeInput!) { userNoteChange(input: $input) "
        "{ userErrors { message } } }"
    )
    with nothing_written(database):
        answer = client.answer(document, input={"id": note["id"], "text": None})
    assert "errors" in answer or answer["data"]["userNoteChange"]["userErrors"]


def test_limited_operators_write_notes_and_auditors_do_not(
    client: Desk, database: Database
) -> None:
    patron = user_id(new_patron(database))
    added = give(client.as_(LENA), "userNoteAdd", user=patron, text="A")
    assert added["userNote"]["createdBy"] == "lena"
    with nothing_written(database):
        refused = give(client.as_(AUDREY), "userNoteAdd", user=patron, text="A")
    assert errors_of(refused) == [("NotPermittedError", [], "Your roles do not allow this.")]


def test_a_note_that_changed_since_it_was_seen_is_not_touched(
    client: Desk, database: Database
) -> None:
    note = give(client, "userNoteAdd", user=user_id(new_patron(database)), text="A")["userNote"]
    give(client.as_(OLIVE), "userNoteChange", id=note["id"], text="B")
    with nothing_written(database):
        for command, more in (("userNoteChange", {"text": "C"}), ("userNoteRemove", {})):
            payload = give(client, command, id=note["id"], version=1, **more)
            assert errors_of(payload)[0][:2] == ("ConflictError", ["input", "version"])


def test_another_institutions_note_and_user_are_as_never_issued(
    client: Desk, database: Database
) -> None:
    patron = user_id(new_patron(database))
    note = give(client, "userNoteAdd", user=patron, text="A")["userNote"]
    carl = client.as_(CARL)
    with nothing_written(database):
        for user in (patron, f"u_{NEVER_ISSUED}", "nonsense"):
            payload = give(carl, "userNoteAdd", user=user, text="A")
            assert errors_of(payload) == [
                ("NotFoundError", ["input", "user"], "There is no such user.")
            ]
        for number in (note["id"], f"n_{NEVER_ISSUED}", patron):
            for command, more in (("userNoteChange", {"text": "C"}), ("userNoteRemove", {})):
                payload = give(carl, command, id=number, **more)
                assert errors_of(payload) == [
                    ("NotFoundError", ["input", "id"], "There is no such note.")
                ]
