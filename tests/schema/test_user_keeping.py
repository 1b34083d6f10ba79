"""Keeping users over HTTP: added, changed, expired and made inactive."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from schema.ids import encoded
from tests.blocked import HOUSE, new_patron
from tests.cast import ASHFORD, CARL, CEDAR, HOUSES, MAX, OLIVE, UMA, URSULA
from tests.database_server import Database
from tests.desk import Desk
from tests.patrons import NEVER_ISSUED, errors_of, history_of, user_id
from tests.written import nothing_written

SHOWN = """{ id primaryId firstName lastName userGroup { code } recordType accountType status
  expiresOn preferredLanguage version identifiers { typeCode value } }"""
_numbers = count(1)


def give(desk: Desk, command: str, /, **given: object) -> Any:
    kind = command[0].upper() + command[1:]
    document = (
        f"mutation($input: {kind}Input!) {{ {command}(input: $input) {{ user {SHOWN} "
        "userErrors { __typename message path } } }"
    )
    return desk.ask(document, input=given)[command]


def added(desk: Desk, /, **given: object) -> Any:
    payload = give(
        desk, "userAdd", **{"primaryId": f"kept.{next(_numbers)}", "lastName": "Kept"} | given
    )
    assert payload["userErrors"] == [], payload
    return payload["user"]


def test_a_user_is_added_with_all_there_is_to_know(client: Desk, database: Database) -> None:
    user = added(
        client.as_(UMA),
        primaryId=" Keep.Me ",
        firstName="Zoe\u0308",
        lastName="Ångström",
        userGroup=encoded("g", HOUSE.group_id("FACULTY")),
        expiresOn="2027-06-30",
        preferredLanguage="es",
        identifiers=[
            {"typeCode": "STUDENT", "value": "4711"},
            {"typeCode": "BARCODE", "value": "K-1"},
            {"typeCode": "BARCODE", "value": " K-1 "},
        ],
    )
    number = user.pop("id")
    assert user == {
        "primaryId": "Keep.Me",
        "firstName": "Zoë",
        "lastName": "Ångström",
        "userGroup": {"code": "FACULTY"},
        "recordType": "PUBLIC",
        "accountType": "INTERNAL",
        "status": "ACTIVE",
        "expiresOn": "2027-06-30",
        "preferredLanguage": "es",
        "version": 1,
        "identifiers": [
            {"typeCode": "BARCODE", "value": "K-1"},
            {"typeCode": "STUDENT", "value": "4711"},
        ],
    }
    [(deed, actor, before, after)] = history_of(database, number)
    assert (deed, actor, before) == ("user.add", "uma", None)
    assert after["identifiers"] == [["BARCODE", "K-1"], ["STUDENT", "4711"]]
    found = client.as_(MAX).ask('{ users(name: "angstrom z") { nodes { id } } }')
    assert found["users"]["nodes"] == [{"id": number}]


def test_an_expired_and_an_inactive_account_are_stopped_at_the_gate(client: Desk) -> None:
    uma = client.as_(UMA)
    user = added(uma)
    query = (
        "query($i: String!) { user(identifier: $i) { gate(actions: [LOAN]) { isAllowed reasons "
        "{ code } } } }"
    )

    def gate() -> Any:
        [decision] = client.ask(query, i=user["primaryId"])["user"]["gate"]
        return decision["isAllowed"], [reason["code"] for reason in decision["reasons"]]

    assert gate() == (True, [])
    give(uma, "userChange", id=user["id"], expiresOn="2026-11-21")
    assert gate() == (False, ["ACCOUNT_EXPIRED"])
    give(uma, "userChange", id=user["id"], status="INACTIVE")
    assert gate() == (False, ["ACCOUNT_INACTIVE", "ACCOUNT_EXPIRED"])
    give(uma, "userChange", id=user["id"], status="ACTIVE", expiresOn=None)
    assert gate() == (True, [])


def test_a_change_touches_what_is_given_and_null_takes_away(
    client: Desk, database: Database
) -> None:
    uma = client.as_(UMA)
    user = added(
        uma,
        userGroup=encoded("g", HOUSE.group_id("STUDENT")),
        preferredLanguage="en",
        expiresOn="2027-01-01",
        identifiers=[{"typeCode": "BARCODE", "value": "K-2"}],
    )
    changed = give(uma, "userChange", id=user["id"], version=1, lastName="Married")["user"]
    assert changed == {**user, "lastName": "Married", "version": 2}
    emptied = give(
        uma,
        "userChange",
        id=user["id"],
        userGroup=None,
        preferredLanguage=None,
        expiresOn=None,
        identifiers=[],
    )["user"]
    nothing: dict[str, object] = {
        "userGroup": None,
        "preferredLanguage": None,
        "expiresOn": None,
        "identifiers": [],
    }
    assert emptied == {**changed, **nothing, "version": 3}
    assert [deed for deed, *_ in history_of(database, user["id"])] == [
        "user.add",
        "user.change",
        "user.change",
    ]
    with nothing_written(database):
        assert give(uma, "userChange", id=user["id"], lastName="Married")["user"] == emptied


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"primaryId": " "}, ["primaryId"], "A user needs a primary identifier."),
        (
            {"primaryId": "a\nb"},
            ["primaryId"],
            "The text contains a line break or tab (U+000A), which cannot be kept.",
        ),
        ({"primaryId": "x" * 256}, ["primaryId"], "The text is longer than 255 characters."),
        (
            {"lastName": ""},
            ["lastName"],
            "A user needs a last name; somebody with a single name has it here.",
        ),
        ({"firstName": "x" * 201}, ["firstName"], "The text is longer than 200 characters."),
        (
            {"expiresOn": "9999-12-31"},
            ["expiresOn"],
            "A day lies between 1900-01-01 and 9000-01-01.",
        ),
        ({"userGroup": "nonsense"}, ["userGroup"], "There is no such user group."),
        (
            {"userGroup": encoded("g", HOUSES[CEDAR].group_id("STUDENT"))},
            ["userGroup"],
            "There is no such user group.",
        ),
        (
            {
                "identifiers": [
                    {"typeCode": "BARCODE", "value": "ok"},
                    {"typeCode": "", "value": "x"},
                ]
            },
            ["identifiers", "1", "typeCode"],
            "An identifier needs a type.",
        ),
        (
            {"identifiers": [{"typeCode": "PRIMARY_ID", "value": "x"}]},
            ["identifiers", "0", "typeCode"],
            "The primary identifier is a field of its own; choose another type.",
        ),
        (
            {"identifiers": [{"typeCode": "B", "value": str(n)} for n in range(51)]},
            ["identifiers"],
            "A user can have at most 50 identifiers.",
        ),
    ],
)
def test_wrong_input_is_refused_when_adding_and_when_changing(
    client: Desk, database: Database, given: dict[str, object], path: list[str], message: str
) -> None:
    uma = client.as_(UMA)
    user = added(uma)
    with nothing_written(database):
        when_adding = give(uma, "userAdd", **{"primaryId": "new", "lastName": "New"} | given)
        when_changing = give(uma, "userChange", id=user["id"], **given)
    for payload in (when_adding, when_changing):
        assert errors_of(payload) == [("InvalidInputError", ["input", *path], message)]


def test_an_identifier_is_one_persons(client: Desk, database: Database) -> None:
    uma = client.as_(UMA)
    patron = new_patron(database)
    tries: list[tuple[dict[str, object], str, object]] = [
        ({"primaryId": patron.primary_id.upper()}, "primaryId", patron.primary_id.upper()),
        ({"primaryId": patron.barcode}, "primaryId", patron.barcode),
        (
            {"identifiers": [{"typeCode": "CARD", "value": patron.barcode}]},
            "identifiers",
            patron.barcode,
        ),
        (
            {"identifiers": [{"typeCode": "CARD", "value": patron.primary_id}]},
            "identifiers",
            patron.primary_id,
        ),
    ]
    with nothing_written(database):
        for given, name, value in tries:
            payload = give(uma, "userAdd", **{"primaryId": "other", "lastName": "Other"} | given)
            message = f"Another user carries the identifier {value} already."
            assert errors_of(payload) == [("ConflictError", ["input", name], message)]
    mine = give(uma, "userChange", id=user_id(patron), primaryId=patron.primary_id.upper())
    assert mine["user"]["primaryId"] == patron.primary_id.upper()


def test_a_primary_identifier_is_no_others_identifier_in_any_case(
    client: Desk, database: Database
) -> None:
    uma = client.as_(UMA)
    added(uma, primaryId="cased.A", identifiers=[{"typeCode": "BARCODE", "value": "bc-cased"}])
    other = added(uma)
    with nothing_written(database):
        for given, name, value in (
            ({"primaryId": "BC-Cased"}, "primaryId", "BC-Cased"),
            (
                {"identifiers": [{"typeCode": "CARD", "value": "CASED.a"}]},
                "identifiers",
                "CASED.a",
            ),
        ):
            message = f"Another user carries the identifier {value} already."
            for payload in (
                give(uma, "userAdd", **{"primaryId": "cased.B", "lastName": "B"} | given),
                give(uma, "userChange", id=other["id"], **given),
            ):
                assert errors_of(payload) == [("ConflictError", ["input", name], message)]


def test_two_identifiers_that_differ_in_case_only_are_two_persons(client: Desk) -> None:
    uma = client.as_(UMA)
    for value in ("Aa-case", "aA-case"):
        user = added(uma, identifiers=[{"typeCode": "BARCODE", "value": value}])
        found = client.ask("query($i: String!) { user(identifier: $i) { id } }", i=value)
        assert found["user"]["id"] == user["id"]


def test_an_account_with_an_identifier_of_anothers_from_before_can_still_be_changed(
    client: Desk, database: Database
) -> None:
    uma = client.as_(UMA)
    user = added(uma, primaryId="from.before")
    for person in (new_patron(database), new_patron(database)):
        database.put(
            "user_identifier",
            ASHFORD,
            user_id=person.id,
            type_code="CARD" + person.primary_id,
            value="FROM.before",
            value_key="from.before",
        )
        changed = give(uma, "userChange", id=user_id(person), status="INACTIVE")
        assert changed["user"]["status"] == "INACTIVE"
    changed = give(uma, "userChange", id=user["id"], status="INACTIVE")
    assert changed["user"]["status"] == "INACTIVE"


@pytest.mark.parametrize("is_crossed", [False, True], ids=["identical", "crossed"])
def test_of_twelve_at_once_one_gets_the_identifier(client: Desk, *, is_crossed: bool) -> None:
    uma = client.as_(UMA)
    wanted = f"race.{next(_numbers)}"

    def add(number: int) -> Any:
        given: dict[str, object] = {"primaryId": wanted}
        if is_crossed and number % 2:
            identifiers = [{"typeCode": "BARCODE", "value": wanted}]
            given = {"primaryId": f"{wanted}.{number}", "identifiers": identifiers}
        return give(uma, "userAdd", lastName="Race", **given)

    with ThreadPoolExecutor(12) as threads:
        payloads = list(threads.map(add, range(12)))
    refused = [errors_of(payload) for payload in payloads if payload["user"] is None]
    assert len(refused) == 11
    assert {kind for [(kind, _, _)] in refused} == {"ConflictError"}


def test_only_a_user_administrator_moves_the_sign_in_of_staff(
    client: Desk, database: Database
) -> None:
    with nothing_written(database):
        payload = give(client.as_(UMA), "userChange", id=user_id(MAX), primaryId="max.quill")
    assert errors_of(payload) == [
        (
            "NotPermittedError",
            ["input", "primaryId"],
            "Only a user administrator changes the primary identifier of staff.",
        )
    ]
    ursula = client.as_(URSULA)
    moved = give(ursula, "userChange", id=user_id(MAX), primaryId="max.quill")["user"]
    assert moved["primaryId"] == "max.quill"
    give(ursula, "userChange", id=user_id(MAX), primaryId="max")


def test_a_user_that_changed_since_it_was_seen_is_not_touched(
    client: Desk, database: Database
) -> None:
    uma = client.as_(UMA)
    user = added(uma)
    give(uma, "userChange", id=user["id"], firstName="First")
    with nothing_written(database):
        payload = give(uma, "userChange", id=user["id"], version=1, firstName="Second")
    assert errors_of(payload) == [
        (
            "ConflictError",
            ["input", "version"],
            "The user was changed meanwhile; look at it again.",
        )
    ]


def test_desk_staff_keep_no_accounts(client: Desk, database: Database) -> None:
    with nothing_written(database):
        payload = give(client.as_(OLIVE), "userAdd", primaryId="x", lastName="X")
    assert errors_of(payload) == [("NotPermittedError", [], "Your roles do not allow this.")]


def test_another_institutions_user_is_as_one_never_issued(client: Desk, database: Database) -> None:
    patron = user_id(new_patron(database))
    with nothing_written(database):
        for number in (patron, f"u_{NEVER_ISSUED}", "nonsense"):
            payload = give(client.as_(CARL), "userChange", id=number, lastName="X")
            assert errors_of(payload) == [
                ("NotFoundError", ["input", "id"], "There is no such user.")
            ]


def test_a_primary_identifier_of_one_institution_is_free_at_another(client: Desk) -> None:
    user = added(client.as_(CARL), primaryId="pia", lastName="Elsewhere")
    assert user["primaryId"] == "pia"
    assert client.ask('{ user(identifier: "pia") { lastName } }')["user"]["lastName"] == "Zöllner"


def test_a_name_whose_key_is_far_longer_than_itself_is_kept_and_found(client: Desk) -> None:
    name = "\ufdfa" * 200
    user = added(client.as_(UMA), lastName=name)
    assert user["lastName"] == name
    found = client.as_(MAX).ask(
        "query($n: String!) { users(name: $n) { nodes { id } pageInfo { endCursor } } }", n=name
    )
    assert found["users"]["nodes"] == [{"id": user["id"]}]
