"""The export of override events: a file that a spreadsheet opens, for those who may list them."""

import csv
import io
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response

from resolvers.override_events import EXPORT_PAGE
from rules.roles import Role
from service.exports import COLUMNS, PATH, safe_cell
from tests.blocked import after, authorize, new_patron, overridden, override_of, user_id
from tests.cast import ASHFORD, CARL, HOUSES, LENA, MAX, NOW, ONE_OF_EACH_ROLE, Person
from tests.database_server import Database, put_row
from tests.desk import Desk
from tests.schema.test_override_events import READERS


def export(desk: Desk, /, **parameters: str) -> Response:
    response: Response = desk.http.get(PATH, params=parameters, headers=desk.headers())
    return response


def rows(desk: Desk, /, **parameters: str) -> list[dict[str, str]]:
    response = export(desk, **parameters)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def of_patron(desk: Desk, patron: Person, /, **parameters: str) -> list[dict[str, str]]:
    return rows(desk.as_(MAX), user=user_id(patron), **parameters)


def test_the_file_names_every_part_of_an_event(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID", "ADDRESS")
    overridden(client, patron)
    assert of_patron(client, patron) == [
        {
            "time": "2026-11-22T07:00:00-05:00",
            "outcome": "GRANTED",
            "refusal": "",
            "operator": "olive",
            "roles": "CIRCULATION_DESK_OPERATOR",
            "library": "Main Library",
            "desk": "Main Library, desk",
            "user": patron.primary_id,
            "action": "LOAN",
            "item_barcode": "ITEM-1",
            "reasons": "USER_BLOCK | USER_BLOCK",
            "block_descriptions": "Unpaid fees | Address unknown",
            "block_types": "CASH | USER",
            "versions": "1 | 1",
            "why": "Pays tomorrow",
        }
    ]


def test_the_file_is_sent_so_that_it_is_saved_and_never_kept_on_the_way(client: Desk) -> None:
    response = export(client.as_(MAX))
    assert response.content.startswith("\ufefftime".encode()[:3])
    assert response.content.decode("utf-8-sig").splitlines()[0] == ",".join(
        f'"{name}"' for name in COLUMNS
    )
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="override-events.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize(
    "why", ['=HYPERLINK("//x")', "+1", "-1", "@SUM(A1)", "＝1", 'a "quoted", word', "Zoë 図書館"]
)
def test_no_cell_is_taken_for_a_formula_and_every_script_comes_back(
    client: Desk, database: Database, why: str
) -> None:
    patron = new_patron(database, "ADDRESS")
    shown = authorize(client, patron)["decision"]
    authorize(client, patron, override=override_of(shown, why))
    [row] = of_patron(client, patron)
    assert row["why"] in (why, f"'{why}")
    assert row["why"][0] not in "=+-@＝"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_an_apostrophe_stands_before_what_could_begin_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_the_filters_are_those_of_the_query(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    overridden(client, patron)
    client.clock.now = after(10)
    overridden(client.as_(LENA), patron)

    def operators(**parameters: str) -> list[str]:
        return [row["operator"] for row in of_patron(client, patron, **parameters)]

    assert operators() == ["lena", "olive"]
    assert operators(outcome="REFUSED") == ["lena"]
    assert operators(operator="olive") == ["olive"]
    assert operators(action="RENEW") == []
    assert operators(desk="c_nonsense") == []
    assert operators(**{"from": "2026-11-22T13:05:00+01:00"}) == ["lena"]
    assert operators(to="2026-11-22T13:05:00 01:00") == ["olive"]


def test_a_long_list_comes_whole(client: Desk, database: Database) -> None:
    patron = new_patron(database)
    wanted = EXPORT_PAGE * 2 + 1
    put_events(database, patron, wanted)
    found = of_patron(client, patron)
    assert [row["item_barcode"] for row in found] == [f"I{n}" for n in reversed(range(wanted))]


@pytest.mark.parametrize("role", ONE_OF_EACH_ROLE, ids=lambda role: role.value)
def test_only_those_who_may_list_events_export_them(client: Desk, role: Role) -> None:
    response = export(client.as_(ONE_OF_EACH_ROLE[role]))
    if role in READERS:
        assert response.status_code == 200
    else:
        assert response.status_code == 403
        assert response.json()["errors"][0]["extensions"]["code"] == "NOT_PERMITTED"


def test_a_role_that_has_expired_exports_nothing(client: Desk) -> None:
    grants = [replace(grant, expires_at=NOW) for grant in MAX.grants]
    assert export(client.as_(MAX, *grants)).status_code == 403


def test_nobody_exports_without_signing_in(client: Desk) -> None:
    response = export(client.as_(None), action="NONSENSE")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_another_institution_exports_its_own_events_only(client: Desk, database: Database) -> None:
    patron = new_patron(database, "UNPAID")
    overridden(client, patron)
    assert rows(client.as_(CARL)) == []
    assert rows(client.as_(CARL), user=user_id(patron)) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("action=LEND", "`action` is one of LOAN, RENEW, AUTO_RENEW, HOLD, RESOURCE_SHARING."),
        ("outcome=granted", "`outcome` is one of GRANTED, REFUSED."),
        ("from=yesterday", "`from` is no instant, such as 2026-11-22T12:00:00Z."),
        ("from=2026-11-22T12:00:00", "`from` needs a time zone or offset."),
        (
            "operator=a&operator=b",
            "Filter by from, to, operator, desk, user, action, outcome, each at most once.",
        ),
        (
            "colour=red",
            "Filter by from, to, operator, desk, user, action, outcome, each at most once.",
        ),
    ],
)
def test_a_wrong_filter_is_refused_in_a_sentence(client: Desk, query: str, sentence: str) -> None:
    manager = client.as_(MAX)
    response = manager.http.get(f"{PATH}?{query}", headers=manager.headers())
    assert response.status_code == 400
    assert response.json() == {
        "errors": [{"message": sentence, "extensions": {"code": "INVALID_INPUT"}}]
    }


def test_the_export_is_only_read(client: Desk) -> None:
    manager = client.as_(MAX)
    response = manager.http.post(PATH, headers=manager.headers())
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def put_events(database: Database, patron: Person, count: int) -> None:
    """Events a millisecond apart."""
    event: dict[str, Any] = {
        "institution_code": ASHFORD,
        "outcome": "REFUSED",
        "refusal": "CHANGED",
        "operator": "olive",
        "roles": ["CIRCULATION_DESK_OPERATOR"],
        "desk_id": HOUSES[ASHFORD].desk_id(),
        "library_id": HOUSES[ASHFORD].library_id(),
        "user_id": patron.id,
        "action": "LOAN",
        "reasons": [],
        "why": "Many of them",
    }
    with database.owner(ASHFORD) as connection, connection.pipeline():
        for number in range(count):
            at = after(number / 60_000)
            row = {**event, "id": uuid4(), "at": at, "item_barcode": f"I{number}"}
            put_row(connection, "override_event", row)


@pytest.mark.parametrize("operator", ["a\x00b", "\x00"])
def test_an_operator_that_no_name_can_be_is_refused(client: Desk, operator: str) -> None:
    response = export(client.as_(MAX), operator=operator)
    assert response.status_code == 400, response.text
    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
