"""Who am I and what may I do, over HTTP."""

from datetime import timedelta

from rules.roles import Role, RoleGrant
from schema.access import ACCESS
from tests.cast import MAX, NADIA, NOW, OLIVE, PIA
from tests.desk import Desk

ALL = """
{ viewer { label institutionCode roles permissions mayUse institution { name }
    heldRoles { role libraryCode expiresAt isInForce } } }
"""


def test_the_viewer_sees_roles_with_their_scope_and_expiry(client: Desk) -> None:
    desk = client.as_(
        OLIVE,
        RoleGrant(role=Role.CIRCULATION_DESK_MANAGER, library_code="LAW"),
        RoleGrant(role=Role.AUDITOR, expires_at=NOW - timedelta(days=1)),
    )
    viewer = desk.ask(ALL)["viewer"]
    assert viewer["label"] == "olive"
    assert viewer["institution"] == {"name": "Ashford College"}
    assert viewer["roles"] == ["CIRCULATION_DESK_MANAGER"]
    assert viewer["heldRoles"] == [
        {
            "role": "CIRCULATION_DESK_MANAGER",
            "libraryCode": "LAW",
            "expiresAt": None,
            "isInForce": True,
        },
        {
            "role": "AUDITOR",
            "libraryCode": None,
            "expiresAt": "2026-11-21T12:00:00+00:00",
            "isInForce": False,
        },
    ]


def test_what_the_viewer_may_use_follows_roles_and_permissions(client: Desk) -> None:
    manager = client.as_(MAX).ask(ALL)["viewer"]
    assert "BLOCK_PATRON" in manager["permissions"]
    assert {"accountBlockAdd", "userBlockRemove", "users"} <= set(manager["mayUse"])
    operator = client.ask(ALL)["viewer"]
    assert operator["permissions"] == []
    assert "userBlockRemove" in operator["mayUse"]
    assert "accountBlockAdd" not in operator["mayUse"]
    patron = client.as_(PIA).ask(ALL)["viewer"]
    expected = {
        coordinate.partition(".")[2]
        for coordinate, access in ACCESS.items()
        if Role.PATRON in access.roles and access.permission is None
    }
    assert set(patron["mayUse"]) == expected


def test_the_network_administrator_has_no_institution(client: Desk) -> None:
    viewer = client.as_(NADIA).ask(ALL)["viewer"]
    assert (viewer["institution"], viewer["institutionCode"], viewer["permissions"]) == (
        None,
        None,
        [],
    )
    assert "userBlockAdd" not in viewer["mayUse"]
