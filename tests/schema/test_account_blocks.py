"""The hard block over HTTP: it stops everything here, nobody overrides it, and it is lifted."""

from typing import Any

import pytest

from rules.roles import Permission, Role, RoleGrant
from tests.blocked import new_patron
from tests.cast import ASHFORD, CARL, MAX, OLIVE, URSULA
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, add_block, errors_of, history_of, user_id
from tests.written import nothing_written

ADD = """
mutation($input: AccountBlockAddInput!) { accountBlockAdd(input: $input) {
  accountBlock { id comment blockedBy blockedAt version }
  userErrors { __typename message path } } }
"""
LIFT = """
mutation($input: AccountBlockLiftInput!) { accountBlockLift(input: $input) {
  accountBlock { id comment } userErrors { __typename message path } } }
"""
GATE = """
query($i: String!) { user(identifier: $i) { accountBlock { comment blockedBy }
  blocks(inForce: true) { nodes { id } }
  gate { action isAllowed reasons { code overridable whoMayOverride } } } }
"""


def block(desk: Desk, user: str, comment: str = "Threatened staff") -> Any:
    return desk.ask(ADD, input={"user": user, "comment": comment})["accountBlockAdd"]


def lift(desk: Desk, user: str, /, **more: object) -> Any:
    return desk.ask(LIFT, input={"user": user, **more})["accountBlockLift"]


def test_a_blocked_account_stops_every_action_beside_other_blocks_until_it_is_lifted(
    client: Desk, database: Database
) -> None:
    patron = new_patron(database)
    add_block(client, patron, "ADDRESS")
    made = block(client.as_(MAX), user_id(patron))["accountBlock"]
    assert (made["comment"], made["blockedBy"], made["version"]) == ("Threatened staff", "max", 1)
    shown = client.ask(GATE, i=patron.primary_id)["user"]
    assert shown["accountBlock"] == {"comment": "Threatened staff", "blockedBy": "max"}
    assert len(shown["blocks"]["nodes"]) == 1
    assert {decision["isAllowed"] for decision in shown["gate"]} == {False}
    assert {decision["reasons"][0]["code"] for decision in shown["gate"]} == {"ACCOUNT_BLOCKED"}
    assert shown["gate"][0]["reasons"][0]["whoMayOverride"] == []
    lifted = lift(client.as_(MAX), user_id(patron), version=1)
    assert lifted["accountBlock"] == {"id": made["id"], "comment": "Threatened staff"}
    shown = client.ask(GATE, i=patron.primary_id)["user"]
    assert shown["accountBlock"] is None
    allowed = {d["action"]: d["isAllowed"] for d in shown["gate"]}
    assert (allowed["LOAN"], allowed["HOLD"]) == (False, True)
    history = history_of(database, made["id"])
    assert [(deed, actor) for deed, actor, *_ in history] == [
        ("account_block.add", "max"),
        ("account_block.lift", "max"),
    ]
    assert history[1][2]["comment"] == "Threatened staff"
    assert history[1][3] is None


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        (" ", "Say in a comment why the account is blocked."),
        ("x" * 4001, "The text is longer than 4000 characters."),
        ("\x00", "The text contains a control character (U+0000), which cannot be kept."),
    ],
)
def test_a_comment_is_required(
    client: Desk, database: Database, comment: str, message: str
) -> None:
    patron = new_patron(database)
    with nothing_written(database):
        payload = block(client.as_(MAX), user_id(patron), comment)
    assert errors_of(payload) == [("InvalidInputError", ["input", "comment"], message)]


def test_an_account_is_blocked_once_and_only_a_blocked_one_is_lifted(
    client: Desk, database: Database
) -> None:
    patron = user_id(new_patron(database))
    desk = client.as_(MAX)
    with nothing_written(database):
        early = lift(desk, patron)
    assert errors_of(early) == [("ConflictError", ["input", "user"], "The account is not blocked.")]
    block(desk, patron)
    with nothing_written(database):
        again = block(desk, patron, "Again")
        stale = lift(desk, patron, version=7)
    assert errors_of(again) == [
        ("ConflictError", ["input", "user"], "The account is blocked already.")
    ]
    assert errors_of(stale) == [
        (
            "ConflictError",
            ["input", "version"],
            "The account block was changed meanwhile; look at it again.",
        )
    ]


def test_without_the_permission_nobody_blocks_or_lifts(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database))
    with nothing_written(database):
        for payload in (block(client, patron), lift(client, patron)):
            assert errors_of(payload) == [
                ("NotPermittedError", [], "This needs the permission BLOCK_PATRON.")
            ]


def test_the_permission_may_be_one_persons_own(client: Desk, database: Database) -> None:
    database.put("permission_grant", ASHFORD, permission="BLOCK_PATRON", user_id=URSULA.id)
    payload = block(client.as_(URSULA), user_id(new_patron(database)))
    assert payload["accountBlock"]["blockedBy"] == "ursula"


def test_who_only_reads_does_not_block_even_with_the_permission(
    client: Desk, database: Database
) -> None:
    database.put(
        "permission_grant", ASHFORD, permission=Permission.BLOCK_PATRON.value, role="AUDITOR"
    )
    auditor = client.as_(OLIVE, RoleGrant(role=Role.AUDITOR))
    with nothing_written(database):
        payload = block(auditor, user_id(MAX))
    assert errors_of(payload) == [("NotPermittedError", [], "Your roles do not allow this.")]


def test_another_institutions_account_is_as_one_never_issued(
    client: Desk, database: Database
) -> None:
    patron = user_id(new_patron(database))
    carl = client.as_(CARL)
    with nothing_written(database):
        answers = [
            errors_of(command(carl, user))
            for command in (block, lift)
            for user in (patron, f"u_{NEVER_ISSUED}", "nonsense")
        ]
    assert answers == [[("NotFoundError", ["input", "user"], "There is no such user.")]] * 6
