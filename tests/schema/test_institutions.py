"""The institution over HTTP: its own record, libraries with desks, user groups."""

from tests.cast import CARL, NADIA, PIA
from tests.desk import Desk

ALL = """
{ institution { code name timeZone currency languages userGroups { code name }
    libraries { code name timeZone desks { code name libraryCode } } } }
"""


def test_the_institution_shows_its_places_and_groups(client: Desk) -> None:
    assert client.ask(ALL)["institution"] == {
        "code": "ASHFORD",
        "name": "Ashford College",
        "timeZone": "America/New_York",
        "currency": "USD",
        "languages": ["en", "es"],
        "userGroups": [
            {"code": "FACULTY", "name": "Faculty"},
            {"code": "STAFF", "name": "Staff"},
            {"code": "STUDENT", "name": "Student"},
        ],
        "libraries": [
            {
                "code": "LAW",
                "name": "Law Library",
                "timeZone": None,
                "desks": [{"code": "LAW_DESK", "name": "Law Library, desk", "libraryCode": "LAW"}],
            },
            {
                "code": "MAIN",
                "name": "Main Library",
                "timeZone": None,
                "desks": [
                    {"code": "MAIN_DESK", "name": "Main Library, desk", "libraryCode": "MAIN"}
                ],
            },
        ],
    }


def test_everyone_sees_their_own_institution_and_the_network_none(client: Desk) -> None:
    own = "{ institution { code } }"
    assert client.as_(CARL).ask(own)["institution"] == {"code": "CEDAR"}
    assert client.as_(PIA).ask(own)["institution"] == {"code": "ASHFORD"}
    assert client.as_(NADIA).error_codes(own) == ["NOT_PERMITTED"]
