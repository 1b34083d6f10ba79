"""Roles of a record over HTTP: given at a library or everywhere, with an expiry, and taken."""

from typing import Any

import pytest

from schema.ids import encoded
from tests.blocked import HOUSE, new_patron
from tests.cast import CARL, CEDAR, HOUSES, UMA, URSULA
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, errors_of, user_id
from tests.written import nothing_written

LAW = encoded("l", HOUSE.library_id("LAW"))


def give(desk: Desk, command: str, /, **given: object) -> Any:
    kind = command[0].upper() + command[1:]
    document = (
        f"mutation($input: {kind}Input!) {{ {command}(input: $input) {{ user {{ roles "
        "{ role libraryCode expiresAt isInForce } } userErrors { __typename message path } } }"
    )
    return desk.ask(document, input=given)[command]


def role(name: str, library: str | None = None, expires_at: str | None = None) -> Any:
    return {"role": name, "libraryCode": library, "expiresAt": expires_at, "isInForce": True}


def test_a_role_is_given_at_a_library_until_a_day_and_taken(
    client: Desk, database: Database
) -> None:
    ursula, user = client.as_(URSULA), user_id(new_patron(database))
    manager = {"user": user, "role": "CIRCULATION_DESK_MANAGER"}
    given = give(ursula, "userRoleGive", **manager, library=LAW, expiresOn="2026-12-31")
    patron = role("PATRON")
    at_law = role("CIRCULATION_DESK_MANAGER", "LAW", "2027-01-01T05:00:00+00:00")
    assert given["user"]["roles"] == [at_law, patron]
    everywhere = give(ursula, "userRoleGive", **manager)["user"]["roles"]
    assert sorted(map(str, everywhere)) == sorted(
        map(str, [at_law, role("CIRCULATION_DESK_MANAGER"), patron])
    )
    taken = give(ursula, "userRoleTake", **manager, library=LAW)["user"]["roles"]
    assert taken == [role("CIRCULATION_DESK_MANAGER"), patron]


def test_giving_again_changes_the_expiry_or_nothing(client: Desk, database: Database) -> None:
    ursula, user = client.as_(URSULA), user_id(new_patron(database))
    auditor = {"user": user, "role": "AUDITOR"}
    give(ursula, "userRoleGive", **auditor)
    with nothing_written(database):
        give(ursula, "userRoleGive", **auditor)
    given = give(ursula, "userRoleGive", **auditor, expiresAt="2026-12-01T00:00:00Z")
    assert given["user"]["roles"][0] == role("AUDITOR", None, "2026-12-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"role": "NETWORK_ADMINISTRATOR"},
            (
                "InvalidInputError",
                ["input", "role"],
                "This role belongs to the network; no institution gives it.",
            ),
        ),
        (
            {"expiresOn": "2026-11-21"},
            (
                "InvalidInputError",
                ["input", "expiresOn"],
                "The expiry date has passed already; choose a later one, or none.",
            ),
        ),
        (
            {"library": encoded("l", HOUSES[CEDAR].library_id())},
            ("NotFoundError", ["input", "library"], "There is no such library."),
        ),
        (
            {"library": "nonsense"},
            ("NotFoundError", ["input", "library"], "There is no such library."),
        ),
        (
            {"user": "nonsense"},
            ("NotFoundError", ["input", "user"], "There is no such user."),
        ),
    ],
)
def test_a_role_that_cannot_be_given_is_refused(
    client: Desk, database: Database, given: dict[str, object], error: object
) -> None:
    user = user_id(new_patron(database))
    with nothing_written(database):
        payload = give(
            client.as_(URSULA), "userRoleGive", **{"user": user, "role": "AUDITOR"} | given
        )
    assert errors_of(payload) == [error]


def test_a_role_that_is_not_held_cannot_be_taken(client: Desk, database: Database) -> None:
    user = user_id(new_patron(database))
    with nothing_written(database):
        payload = give(client.as_(URSULA), "userRoleTake", user=user, role="AUDITOR")
    assert errors_of(payload) == [
        ("NotFoundError", ["input", "role"], "The user does not hold this role there.")
    ]


def test_only_user_administrators_give_roles(client: Desk, database: Database) -> None:
    with nothing_written(database):
        payload = give(
            client.as_(UMA), "userRoleGive", user=user_id(UMA), role="USER_ADMINISTRATOR"
        )
    assert errors_of(payload) == [("NotPermittedError", [], "Your roles do not allow this.")]


def test_another_institutions_user_is_as_one_never_issued(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database))
    with nothing_written(database):
        for command in ("userRoleGive", "userRoleTake"):
            for user in (patron, f"u_{NEVER_ISSUED}"):
                payload = give(client.as_(CARL), command, user=user, role="AUDITOR")
                assert errors_of(payload) == [
                    ("NotFoundError", ["input", "user"], "There is no such user.")
                ]


def test_nobody_gives_a_role_to_themselves(client: Desk, database: Database) -> None:
    own = user_id(URSULA)
    with nothing_written(database):
        payload = give(
            client.as_(URSULA), "userRoleGive", user=own, role="GENERAL_SYSTEM_ADMINISTRATOR"
        )
    sentence = "Nobody gives a role to themselves; ask another administrator."
    assert errors_of(payload) == [("NotPermittedError", [], sentence)]
