"""Named permissions over HTTP: given to roles and persons, listed, taken."""

from typing import Any

import pytest

from tests.blocked import new_patron
from tests.cast import CARL, GRETA, OLIVE, URSULA
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, errors_of, user_id
from tests.written import nothing_written

SEARCH = '{ users(name: "zo") { nodes { primaryId } } }'


def give(desk: Desk, command: str, /, **given: object) -> Any:
    kind = command[0].upper() + command[1:]
    document = (
        f"mutation($input: {kind}Input!) {{ {command}(input: $input) {{ permissionGrant "
        "{ id permission role user { primaryId } } userErrors { __typename message path } } }"
    )
    return desk.ask(document, input=given)[command]


def test_a_person_holds_a_permission_from_when_it_is_given_until_it_is_taken(
    client: Desk,
) -> None:
    assert client.error_codes(SEARCH) == ["NOT_PERMITTED"]
    given = {"permission": "SEARCH_BY_NAME", "user": user_id(OLIVE)}
    grant = give(client.as_(URSULA), "permissionGive", **given)["permissionGrant"]
    assert (grant["role"], grant["user"]) == (None, {"primaryId": "olive"})
    assert client.ask(SEARCH)["users"]["nodes"] == [{"primaryId": "pia"}]
    listed = client.as_(GRETA).ask(
        "{ permissionGrants { id permission role user { primaryId } } }"
    )["permissionGrants"]
    assert grant in listed
    assert give(client.as_(GRETA), "permissionTake", **given)["permissionGrant"] == grant
    assert client.error_codes(SEARCH) == ["NOT_PERMITTED"]


def test_a_role_holds_a_permission(client: Desk) -> None:
    given = {"permission": "SEARCH_BY_NAME", "role": "CIRCULATION_DESK_OPERATOR"}
    give(client.as_(URSULA), "permissionGive", **given)
    assert client.error_codes(SEARCH) == []
    give(client.as_(URSULA), "permissionTake", **given)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, ("InvalidInputError", ["input", "role"], "Name either a role or a user, not both.")),
        (
            {"role": "AUDITOR", "user": user_id(OLIVE)},
            ("InvalidInputError", ["input", "role"], "Name either a role or a user, not both."),
        ),
        (
            {"role": "PATRON"},
            ("InvalidInputError", ["input", "role"], "Only roles of staff hold permissions."),
        ),
        ({"user": "nonsense"}, ("NotFoundError", ["input", "user"], "There is no such user.")),
    ],
)
def test_a_permission_goes_to_a_role_of_staff_or_to_a_person(
    client: Desk, database: Database, given: dict[str, object], error: object
) -> None:
    with nothing_written(database):
        for command in ("permissionGive", "permissionTake"):
            payload = give(client.as_(URSULA), command, permission="BLOCK_PATRON", **given)
            assert errors_of(payload) == [error]


def test_what_is_given_is_not_given_again_and_what_is_not_is_not_taken(
    client: Desk, database: Database
) -> None:
    manager = {"permission": "BLOCK_PATRON", "role": "CIRCULATION_DESK_MANAGER"}
    with nothing_written(database):
        again = give(client.as_(URSULA), "permissionGive", **manager)
        taken = give(
            client.as_(URSULA), "permissionTake", permission="BLOCK_PATRON", role="AUDITOR"
        )
    assert errors_of(again) == [
        ("ConflictError", ["input", "permission"], "This permission was given already.")
    ]
    assert errors_of(taken) == [
        ("NotFoundError", ["input", "permission"], "This permission was not given.")
    ]


def test_desk_staff_give_nothing(client: Desk, database: Database) -> None:
    with nothing_written(database):
        payload = give(client, "permissionGive", permission="BLOCK_PATRON", user=user_id(OLIVE))
    assert errors_of(payload) == [("NotPermittedError", [], "Your roles do not allow this.")]
    assert client.error_codes("{ permissionGrants { id } }") == ["NOT_PERMITTED"]


def test_another_institutions_person_is_as_one_never_issued(
    client: Desk, database: Database
) -> None:
    patron = user_id(new_patron(database))
    with nothing_written(database):
        for user in (patron, f"u_{NEVER_ISSUED}"):
            payload = give(client.as_(CARL), "permissionGive", permission="BLOCK_PATRON", user=user)
            assert errors_of(payload) == [
                ("NotFoundError", ["input", "user"], "There is no such user.")
            ]
