"""The block preferences over HTTP: what a computed reason stops, and who may override it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import ADA, ASHFORD, AUDREY, BELA, CARL, GRETA, MAX, OLIVE, PIA, QUENTIN
from tests.database_server import Database
from tests.desk import Desk
from tests.table_desk import block_tables_restored, deeds, refusal, run

ROW = "blockPreference { reason actions overridable version }"
WARNED = f"{ROW} warnings {{ message path }}"
EVERYTHING = ["LOAN", "RENEW", "AUTO_RENEW", "HOLD", "RESOURCE_SHARING"]
UNSAID = [
    {"reason": reason, "actions": EVERYTHING, "overridable": "NONE", "version": 0}
    for reason in ("ACCOUNT_INACTIVE", "ACCOUNT_EXPIRED")
]


@pytest.fixture(autouse=True)
def restored(database: Database) -> Iterator[None]:
    with block_tables_restored(database):
        yield


@pytest.fixture
def ada(client: Desk) -> Desk:
    return client.as_(ADA)


def listed(desk: Desk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.ask(
        "{ blockPreferences { reason actions overridable version } }"
    )["blockPreferences"]
    return rows


def test_what_nobody_has_decided_stops_everything(client: Desk) -> None:
    assert listed(client.as_(AUDREY)) == UNSAID


def test_patrons_do_not_read_them(client: Desk) -> None:
    codes = client.as_(PIA).error_codes("{ blockPreferences { reason } }")
    assert codes == ["NOT_PERMITTED"]


def test_a_change_holds_at_the_gate_at_once(ada: Desk, database: Database) -> None:
    with database.owner(ASHFORD) as connection:
        connection.execute(
            "UPDATE user_account SET expires_on = '2026-01-31' WHERE id = %s", [QUENTIN.id]
        )
    assert hold(ada) == ("BLOCKED", ["ACCOUNT_EXPIRED"])
    given = {"reason": "ACCOUNT_EXPIRED", "actions": ["LOAN"], "overridable": "ALL", "version": 0}
    payload = run(ada, "blockPreferenceChange", WARNED, **given)
    changed = given | {"version": 1}
    assert payload["blockPreference"] == changed
    assert hold(ada) == ("ALLOWED", [])
    assert listed(ada) == [UNSAID[0], changed]
    deed, actor, _, before, after = deeds(database, "block_preference")[-1]
    assert (deed, actor, before, after) == ("block_preference.change", "ada", None, changed)


def hold(desk: Desk) -> tuple[str, list[str]]:
    answer = desk.ask(
        "query($id: String!) { user(identifier: $id)"
        " { gate { action verdict reasons { code } } } }",
        id=QUENTIN.primary_id,
    )
    one = next(one for one in answer["user"]["gate"] if one["action"] == "HOLD")
    return one["verdict"], [reason["code"] for reason in one["reasons"]]


def test_a_second_change_begins_at_the_first(ada: Desk, database: Database) -> None:
    run(ada, "blockPreferenceChange", WARNED, reason="ACCOUNT_INACTIVE", overridable="CIRCDESC")
    payload = run(ada, "blockPreferenceChange", WARNED, reason="ACCOUNT_INACTIVE", actions=["LOAN"])
    assert payload["blockPreference"] == {
        "reason": "ACCOUNT_INACTIVE",
        "actions": ["LOAN"],
        "overridable": "CIRCDESC",
        "version": 2,
    }
    stored = database.rows("SELECT reason, version FROM block_preference", ASHFORD)
    assert stored == [("ACCOUNT_INACTIVE", 2)]


def test_a_reason_may_stop_nothing(ada: Desk) -> None:
    payload = run(ada, "blockPreferenceChange", WARNED, reason="ACCOUNT_EXPIRED", actions=[])
    assert payload["blockPreference"]["actions"] == []


def test_renewals_without_automatic_ones_go_with_a_warning(ada: Desk) -> None:
    given = {"reason": "ACCOUNT_EXPIRED", "actions": ["RENEW"]}
    payload = run(ada, "blockPreferenceChange", WARNED, **given)
    assert [warning["path"] for warning in payload["warnings"]] == [["input", "actions"]]


@pytest.mark.parametrize("reason", ["USER_BLOCK", "ACCOUNT_BLOCKED", "CHECK_UNKNOWN"])
def test_a_reason_that_is_not_computed_has_no_preference(ada: Desk, reason: str) -> None:
    payload = run(ada, "blockPreferenceChange", WARNED, reason=reason, actions=[])
    assert refusal(payload) == (
        "InvalidInput",
        "This reason is not computed: what blocks stop, and who may override them, is said by the"
        " block definitions.",
        ["input", "reason"],
    )
    assert listed(ada) == UNSAID


def test_a_change_of_a_version_that_has_passed_is_refused(ada: Desk) -> None:
    given = {"reason": "ACCOUNT_EXPIRED", "overridable": "ALL", "version": 2}
    kind, _, path = refusal(run(ada, "blockPreferenceChange", WARNED, **given))
    assert (kind, path) == ("Conflict", ["input", "version"])
    assert listed(ada) == UNSAID


def test_each_institution_has_its_own(client: Desk) -> None:
    given = {"reason": "ACCOUNT_EXPIRED", "overridable": "ALL"}
    assert run(client.as_(CARL), "blockPreferenceChange", ROW, **given)["userErrors"] == []
    assert listed(client.as_(OLIVE)) == UNSAID


@pytest.mark.parametrize("person", [OLIVE, MAX, AUDREY, BELA], ids=lambda one: one.primary_id)
def test_they_belong_to_those_who_configure(client: Desk, person: Any) -> None:
    given = {"reason": "ACCOUNT_EXPIRED", "overridable": "ALL"}
    payload = run(client.as_(person), "blockPreferenceChange", ROW, **given)
    assert refusal(payload) == ("NotPermitted", "Your roles do not allow this.", [])
    assert run(client.as_(GRETA), "blockPreferenceChange", ROW, **given)["userErrors"] == []
