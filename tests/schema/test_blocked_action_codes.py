"""The table from blocked-action codes to actions over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA, ASHFORD, AUDREY, CARL, CEDAR, GRETA, MAX, OLIVE, PIA, QUENTIN
from tests.database_server import Database
from tests.desk import Desk
from tests.table_desk import block_tables_restored, code_id, deeds, put_block, refusal, run

ROW = "blockedActionCode { id code name actions version }"
WARNED = f"{ROW} warnings {{ message path }}"
CODES = ["01", "02", "03", "ALL"]


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def listed(desk: Desk) -> list[str]:
    answer = desk.ask("{ blockedActionCodes { code } }")
    return [row["code"] for row in answer["blockedActionCodes"]]


def test_staff_read_the_preset_codes(client: Desk) -> None:
    answer = client.as_(AUDREY).ask("{ blockedActionCodes { code actions version } }")
    assert answer["blockedActionCodes"] == [
        {"code": "01", "actions": ["LOAN"], "version": 1},
        {"code": "02", "actions": ["LOAN", "RENEW", "AUTO_RENEW"], "version": 1},
        {"code": "03", "actions": ["LOAN", "RENEW", "AUTO_RENEW", "HOLD"], "version": 1},
        {
            "code": "ALL",
            "actions": ["LOAN", "RENEW", "AUTO_RENEW", "HOLD", "RESOURCE_SHARING"],
            "version": 1,
        },
    ]


def test_patrons_do_not_read_it(client: Desk) -> None:
    codes = client.as_(PIA).error_codes("{ blockedActionCodes { code } }")
    assert codes == ["NOT_PERMITTED"]


def test_the_code_05_of_one_consortium_is_added(ada: Desk, database: Database) -> None:
    before = len(deeds(database, "blocked_action_code.add"))
    actions = ["LOAN", "HOLD", "RESOURCE_SHARING"]
    payload = run(
        ada, "blockedActionCodeAdd", WARNED, code="05", name="No renewals", actions=actions
    )
    assert payload["userErrors"] == payload["warnings"] == []
    assert payload["blockedActionCode"]["actions"] == actions
    assert deeds(database, "blocked_action_code.add")[before:] == [
        (
            "blocked_action_code.add",
            "ada",
            "STAFF",
            None,
            {"code": "05", "name": "No renewals", "actions": actions, "version": 1},
        )
    ]


def test_a_code_for_renewals_alone_goes_with_a_warning(ada: Desk) -> None:
    payload = run(ada, "blockedActionCodeAdd", WARNED, code="R", name="R", actions=["RENEW"])
    assert payload["blockedActionCode"]["actions"] == ["RENEW"]
    assert payload["warnings"] == [
        {
            "message": "What stops renewals stops automatic renewals too, though they are not"
            " named.",
            "path": ["input", "actions"],
        }
    ]


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"actions": []}, "actions", "A blocked-action code stops at least one action."),
        ({"code": "01"}, "code", "01 is taken already; choose another."),
        (
            {"code": "all"},
            "code",
            "The code all differs from ALL only in upper and lower case; choose another.",
        ),
        ({"code": ""}, "code", "This cannot be empty."),
        ({"name": "x" * 201}, "name", "The text is longer than 200 characters."),
    ],
)
def test_what_cannot_be_added_is_refused(
    ada: Desk, given: dict[str, Any], path: str, sentence: str
) -> None:
    wanted = {"code": "05", "name": "Name", "actions": ["LOAN"]} | given
    payload = run(ada, "blockedActionCodeAdd", WARNED, **wanted)
    assert refusal(payload) == ("InvalidInput", sentence, ["input", path])
    assert listed(ada) == CODES


def test_what_blocks_stop_changes_at_once(ada: Desk, database: Database) -> None:
    put_block(database, "ADDRESS", user_id=QUENTIN.id)
    assert verdicts(ada)["HOLD"] == "ALLOWED"
    given = {"blockedActionCode": code_id("01"), "actions": ["HOLD"], "version": 1}
    payload = run(ada, "blockedActionCodeChange", WARNED, **given)
    assert payload["blockedActionCode"]["version"] == 2
    assert (verdicts(ada)["HOLD"], verdicts(ada)["LOAN"]) == ("BLOCKED", "ALLOWED")
    change = deeds(database, "blocked_action_code.change")[-1]
    assert change[3] == {"code": "01", "name": "Loan", "actions": ["LOAN"], "version": 1}
    assert change[4] == {"code": "01", "name": "Loan", "actions": ["HOLD"], "version": 2}


def verdicts(desk: Desk) -> dict[str, str]:
    query = "query($id: String!) { user(identifier: $id) { gate { action verdict } } }"
    answer = desk.ask(query, id=QUENTIN.primary_id)
    return {one["action"]: one["verdict"] for one in answer["user"]["gate"]}


def test_the_code_for_all_actions_gets_another_code_with_a_warning(ada: Desk) -> None:
    given = {"blockedActionCode": code_id("ALL"), "code": "06", "name": "Everything"}
    payload = run(ada, "blockedActionCodeChange", WARNED, **given)
    assert payload["blockedActionCode"]["code"] == "06"
    assert [warning["path"] for warning in payload["warnings"]] == [["input", "code"]]


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"actions": []}, "actions", "A blocked-action code stops at least one action."),
        ({"code": "02"}, "code", "02 is taken already; choose another."),
        ({"name": ""}, "name", "This cannot be empty."),
    ],
)
def test_what_cannot_be_changed_is_refused(
    ada: Desk, given: dict[str, Any], path: str, sentence: str
) -> None:
    payload = run(ada, "blockedActionCodeChange", WARNED, blockedActionCode=code_id("01"), **given)
    assert refusal(payload) == ("InvalidInput", sentence, ["input", path])


def test_a_change_of_a_version_that_has_passed_is_refused(ada: Desk) -> None:
    given = {"blockedActionCode": code_id("01"), "name": "Mine", "version": 2}
    kind, _, path = refusal(run(ada, "blockedActionCodeChange", WARNED, **given))
    assert (kind, path) == ("Conflict", ["input", "version"])


def test_a_code_that_nothing_uses_is_removed(ada: Desk, database: Database) -> None:
    made = run(ada, "blockedActionCodeAdd", WARNED, code="09", name="Ninth", actions=["HOLD"])
    given = {"blockedActionCode": made["blockedActionCode"]["id"]}
    payload = run(ada, "blockedActionCodeRemove", "removed { code }", **given)
    assert payload == {"removed": {"code": "09"}, "userErrors": []}
    assert listed(ada) == CODES
    assert deeds(database, "blocked_action_code.remove")[-1][4] is None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("02", "The code 02 cannot be deleted: the definition UNPAID uses it."),
        ("ALL", "The code ALL cannot be deleted: the definition CONDUCT uses it."),
    ],
)
def test_a_code_in_use_stays(ada: Desk, code: str, sentence: str) -> None:
    payload = run(ada, "blockedActionCodeRemove", "removed { id }", blockedActionCode=code_id(code))
    assert refusal(payload) == ("Conflict", sentence, ["input", "blockedActionCode"])
    assert listed(ada) == CODES


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("blockedActionCodeChange", {"name": "Mine now"}),
    ("blockedActionCodeRemove", {}),
]


@pytest.mark.parametrize(("mutation", "given"), COMMANDS)
@pytest.mark.parametrize("record", [code_id("01", CEDAR), code_id("99"), "a_nonsense"])
def test_what_is_not_at_this_institution_does_not_exist(
    ada: Desk, mutation: str, given: dict[str, Any], record: str
) -> None:
    payload = run(ada, mutation, blockedActionCode=record, **given)
    assert refusal(payload) == (
        "NotFound",
        "There is no such blocked-action code.",
        ["input", "blockedActionCode"],
    )


@pytest.mark.parametrize(("mutation", "given"), COMMANDS)
def test_a_stranger_changes_nothing_here(
    client: Desk, database: Database, mutation: str, given: dict[str, Any]
) -> None:
    payload = run(client.as_(CARL), mutation, blockedActionCode=code_id("01"), **given)
    assert refusal(payload)[0] == "NotFound"
    row = database.rows("SELECT name FROM blocked_action_code WHERE code = '01'", ASHFORD)
    assert row == [("Loan",)]


@pytest.mark.parametrize("person", [OLIVE, MAX, AUDREY, PIA], ids=lambda one: one.primary_id)
def test_the_table_belongs_to_those_who_configure(client: Desk, person: Any) -> None:
    wanted = {"code": "05", "name": "Mine", "actions": ["LOAN"]}
    payload = run(client.as_(person), "blockedActionCodeAdd", ROW, **wanted)
    assert refusal(payload) == ("NotPermitted", "Your roles do not allow this.", [])
    assert run(client.as_(GRETA), "blockedActionCodeAdd", ROW, **wanted)["userErrors"] == []
