"""The gate over HTTP: every reason, who may override it at a desk, and the alert when a patron is
opened."""

from typing import Any

from rules.roles import Role, RoleGrant
from schema.ids import encoded
from tests.blocked import LAW_DESK, MAIN_DESK, new_patron, put_block
from tests.cast import ASHFORD, CEDAR, HOUSES, LENA, MAX, NOW, OLIVE, Person
from tests.database_server import Database
from tests.desk import Desk

GATE = """
query($who: String!, $desk: ID!, $actions: [Action!]) { user(identifier: $who) { gate(
  actions: $actions) { action verdict isAllowed mayOverride(desk: $desk)
    reasons { code sentence advice until isUnknown failedCheck stops overridable whoMayOverride
      record version mayOverride(desk: $desk) block { id staffNote patronText } }
    inTheWay(desk: $desk) { sentence } } } }
"""
ALERT = """
query($who: String!, $desk: ID!) { user(identifier: $who) { alert { mayOverride(desk: $desk)
  reasons { code sentence stops mayOverride(desk: $desk) } inTheWay(desk: $desk) { sentence } } } }
"""
MANAGER_AT_LAW = RoleGrant(role=Role.CIRCULATION_DESK_MANAGER, library_code="LAW")


def gate_of(
    desk: Desk, patron: Person, at: str = MAIN_DESK, *actions: str
) -> dict[str, dict[str, Any]]:
    """Each decision by its action."""
    chosen = {"actions": list(actions)} if actions else {}
    data = desk.ask(GATE, who=patron.primary_id, desk=at, **chosen)
    return {decision["action"]: decision for decision in data["user"]["gate"]}


def alert_of(desk: Desk, patron: Person, at: str = MAIN_DESK) -> dict[str, Any]:
    alert: dict[str, Any] = desk.ask(ALERT, who=patron.primary_id, desk=at)["user"]["alert"]
    return alert


def test_a_reason_says_all_that_an_alert_shows(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    block = put_block(database, patron, "UNPAID", patron_text="Pay at the desk.")
    [reason] = gate_of(client, patron, MAIN_DESK, "LOAN")["LOAN"]["reasons"]
    assert reason == {
        "code": "USER_BLOCK",
        "sentence": "A block is in force: Unpaid fees. It stops loan, renewal and automatic "
        "renewal.",
        "advice": "Pay at the desk.",
        "until": None,
        "isUnknown": False,
        "failedCheck": None,
        "stops": ["LOAN", "RENEW", "AUTO_RENEW"],
        "overridable": "OPERATOR",
        "whoMayOverride": ["CIRCULATION_DESK_OPERATOR", "CIRCULATION_DESK_MANAGER"],
        "record": encoded("b", block),
        "version": 1,
        "mayOverride": True,
        "block": {
            "id": encoded("b", block),
            "staffNote": "For staff alone",
            "patronText": "Pay at the desk.",
        },
    }


def test_only_the_roles_of_the_table_may_override_at_a_desk(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "ADDRESS", "UNPAID", "LOST_CARD", "CONDUCT")
    answers = {
        person.primary_id: [
            reason["mayOverride"]
            for reason in gate_of(client.as_(person), patron)["LOAN"]["reasons"]
        ]
        for person in (LENA, OLIVE, MAX)
    }
    assert answers == {
        "lena": [True, False, False, False],
        "olive": [True, True, False, False],
        "max": [True, True, True, False],
    }


def test_a_decision_may_be_overridden_only_as_a_whole_and_names_what_stands_in_the_way(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database, "ADDRESS", "LOST_CARD")
    loan = gate_of(client, patron)["LOAN"]
    assert (loan["verdict"], loan["mayOverride"]) == ("BLOCKED", False)
    assert [reason["sentence"] for reason in loan["inTheWay"]] == [
        "A block is in force: Card reported lost. It stops loan, renewal, automatic renewal and "
        "hold."
    ]
    of_manager = gate_of(client.as_(MAX), patron)["LOAN"]
    assert (of_manager["mayOverride"], of_manager["inTheWay"]) == (True, [])


def test_blocks_that_do_not_cover_the_action_do_not_stand_in_its_way(
    client: Desk, database: Database
) -> None:
    hold = gate_of(client, new_patron(database, "ADDRESS"))["HOLD"]
    assert (hold["isAllowed"], hold["reasons"], hold["mayOverride"]) == (True, [], False)


def test_a_role_of_one_library_counts_at_its_desks_only(client: Desk, database: Database) -> None:
    patron = new_patron(database, "LOST_CARD")
    manager = client.as_(MAX, MANAGER_AT_LAW)
    assert gate_of(manager, patron, LAW_DESK)["LOAN"]["mayOverride"] is True
    assert gate_of(manager, patron, MAIN_DESK)["LOAN"]["mayOverride"] is False


def test_at_a_desk_that_is_not_there_nobody_overrides(client: Desk, database: Database) -> None:
    patron = new_patron(database, "ADDRESS")
    for desk in (encoded("c", HOUSES[CEDAR].desk_id()), "c_nonsense", encoded("u", patron.id)):
        assert gate_of(client.as_(MAX), patron, desk)["LOAN"]["mayOverride"] is False


def test_the_alert_shows_every_reason_whatever_the_action(client: Desk, database: Database) -> None:
    patron = new_patron(database, "ADDRESS", "LOST_CARD")
    alert = alert_of(client, patron)
    assert [reason["mayOverride"] for reason in alert["reasons"]] == [True, False]
    assert alert["mayOverride"] is False
    assert len(alert["inTheWay"]) == 1
    assert alert_of(client.as_(MAX), patron)["mayOverride"] is True


def test_without_reasons_there_is_no_alert(client: Desk, database: Database) -> None:
    alert = alert_of(client, new_patron(database))
    assert alert == {"mayOverride": False, "reasons": [], "inTheWay": []}


def test_an_expired_block_stops_nothing_though_it_was_not_swept(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    put_block(database, patron, "CONDUCT", expires_at=NOW)
    assert alert_of(client, patron)["reasons"] == []


def test_a_patron_sees_the_own_gate_without_staff_text(client: Desk, database: Database) -> None:
    patron = new_patron(database, "ADDRESS")
    loan = gate_of(client.as_(patron), patron)["LOAN"]
    assert [reason["block"]["staffNote"] for reason in loan["reasons"]] == [None]
    assert (loan["mayOverride"], loan["reasons"][0]["mayOverride"]) == (False, False)
    assert (
        "For staff alone"
        not in client.as_(patron).send(GATE, {"who": patron.primary_id, "desk": MAIN_DESK}).text
    )


def test_the_block_preferences_say_what_an_expired_account_stops(
    fresh_database: Database, data_folder: Any
) -> None:
    from tests.desk import open_desk

    patron = new_patron(fresh_database)
    with fresh_database.owner(ASHFORD) as connection:
        connection.execute(
            "UPDATE user_account SET expires_on = '2026-11-01' WHERE id = %s", [patron.id]
        )
    with open_desk(fresh_database, data_folder) as desk:
        unset = gate_of(desk, patron)
        assert [action for action in unset if not unset[action]["isAllowed"]] == list(unset)
        assert unset["LOAN"]["reasons"][0]["overridable"] == "NONE"
        fresh_database.put(
            "block_preference",
            ASHFORD,
            reason="ACCOUNT_EXPIRED",
            actions=["LOAN"],
            overridable="OPERATOR",
        )
        chosen = gate_of(desk, patron)
        assert [action for action in chosen if not chosen[action]["isAllowed"]] == ["LOAN"]
        assert chosen["LOAN"]["mayOverride"] is True


def test_the_desks_are_read_with_the_user_in_one_statement(
    client: Desk, database: Database
) -> None:
    # `user` ends its transaction with its first statement, so a second one would be an error.
    patron = new_patron(database, "ADDRESS")
    assert gate_of(client, patron)["LOAN"]["mayOverride"] is True
