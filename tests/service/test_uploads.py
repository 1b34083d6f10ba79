"""POST /uploads: who may send a file, in what form, and how large."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from schema.ids import decoded
from tests.cast import ADA, ASHFORD, AUDREY, CARL, CEDAR, GRETA, NADIA, NOW, OLIVE, PIA, Person
from tests.database_server import Database
from tests.desk import Desk, open_desk

LIMIT = 100_000
CSV = b"code,description\nLOST,Lost card\n"


@pytest.fixture(scope="module")
def desk_of_uploads(database: Database, data_folder: Path) -> Iterator[Desk]:
    with open_desk(database, data_folder, upload_bytes=LIMIT) as desk:
        yield desk


@pytest.fixture
def ada(desk_of_uploads: Desk, database: Database) -> Iterator[Desk]:
    desk_of_uploads.clock.now = NOW
    yield desk_of_uploads.as_(ADA)
    for code in (ASHFORD, CEDAR):
        with database.owner(code) as connection:
            connection.execute("DELETE FROM upload")


def send(desk: Desk, **given: Any) -> Response:
    given.setdefault("files", {"file": ("table.csv", CSV)})
    headers = {**desk.headers(), **given.pop("headers", {})}
    return desk.http.post("/uploads", headers=headers, **given)


def kept(database: Database, code: str = ASHFORD) -> list[tuple[Any, ...]]:
    return database.rows(
        "SELECT uploaded_by, file_name, content FROM upload ORDER BY uploaded_at, id", code
    )


def code_of(answer: Response) -> tuple[int, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"]


def test_a_file_in_a_form_is_kept_for_who_sent_it(ada: Desk, database: Database) -> None:
    answer = send(ada)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    kind, number = decoded(answer.json()["upload"]) or ("", None)
    assert kind == "Upload"
    assert kept(database) == [("ada", "table.csv", CSV)]
    assert database.value("SELECT id FROM upload", ASHFORD) == number


def test_a_bare_file_is_taken_too(ada: Desk, database: Database) -> None:
    answer = send(ada, files=None, content=CSV, headers={"content-type": "text/csv"})
    assert answer.status_code == 201
    assert kept(database) == [("ada", "", CSV)]


def test_a_name_that_cannot_be_kept_is_left_out(ada: Desk, database: Database) -> None:
    assert send(ada, files={"file": ("übung 表.csv", CSV)}).status_code == 201
    assert send(ada, files={"file": ("a\x07b.csv", CSV)}).status_code == 201
    assert sorted(row[1] for row in kept(database)) in (
        ["", "übung 表.csv"],
        ["a%07b.csv", "übung 表.csv"],  # some clients escape
    )


def test_the_institution_is_that_of_the_person(ada: Desk, database: Database) -> None:
    assert send(ada.as_(CARL)).status_code == 201
    assert (kept(database), len(kept(database, CEDAR))) == ([], 1)


@pytest.mark.parametrize("person", [OLIVE, AUDREY, PIA, NADIA], ids=lambda one: one.primary_id)
def test_only_those_who_configure_send_files(ada: Desk, database: Database, person: Person) -> None:
    assert code_of(send(ada.as_(person))) == (403, "NOT_PERMITTED")
    assert kept(database) == []


def test_the_general_system_administrator_sends_files_too(ada: Desk) -> None:
    assert send(ada.as_(GRETA)).status_code == 201


def test_nobody_sends_anything_without_signing_in(ada: Desk, database: Database) -> None:
    answer = send(ada.as_(None))
    assert code_of(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert kept(database) == []


def test_a_role_is_looked_at_before_the_file(ada: Desk) -> None:
    too_large = {"file": ("table.csv", b"x" * (LIMIT + 50_000))}
    assert code_of(send(ada.as_(OLIVE), files=too_large)) == (403, "NOT_PERMITTED")


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 50_000])
def test_a_file_in_a_form_has_a_largest_size(ada: Desk, database: Database, size: int) -> None:
    answer = send(ada, files={"file": ("table.csv", b"x" * size)})
    assert code_of(answer) == (413, "BODY_LIMIT")
    assert answer.json()["errors"][0]["extensions"]["limit"] == LIMIT
    assert kept(database) == []


def test_a_file_of_the_largest_size_is_taken(ada: Desk) -> None:
    assert send(ada, files={"file": ("table.csv", b"x" * LIMIT)}).status_code == 201


def test_a_bare_file_has_a_largest_size_whatever_its_headers_promise(ada: Desk) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 1000

    headers = {"content-type": "text/csv"}
    answer = send(ada, files=None, content=chunks(), headers=headers)
    assert code_of(answer) == (413, "BODY_LIMIT")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"files": {"other": ("table.csv", CSV)}}, 400, "BAD_REQUEST"),
        ({"files": {"file": ("table.csv", b"")}}, 400, "BAD_REQUEST"),
        (
            {"files": [("file", ("a.csv", CSV)), ("file", ("b.csv", CSV))]},
            400,
            "BAD_REQUEST",
        ),
        ({"data": {"file": "text"}, "files": {"x": ("a.csv", CSV)}}, 400, "BAD_REQUEST"),
        ({"files": None, "json": {"file": "x"}}, 415, "CONTENT_TYPE"),
        ({"files": None, "content": b""}, 415, "CONTENT_TYPE"),
        (
            {
                "files": None,
                "content": b"no form at all",
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
            400,
            "BAD_REQUEST",
        ),
        (
            {
                "files": None,
                "content": b"",
                "headers": {"content-type": "multipart/form-data"},
            },
            400,
            "BAD_REQUEST",
        ),
        (
            {"files": None, "content": b"", "headers": {"content-type": "text/csv"}},
            400,
            "BAD_REQUEST",
        ),
    ],
)
def test_what_is_no_file_is_refused(
    ada: Desk, database: Database, given: dict[str, Any], status: int, code: str
) -> None:
    assert code_of(send(ada, **given)) == (status, code)
    assert kept(database) == []


def test_another_method_is_told_the_right_one(ada: Desk) -> None:
    answer = ada.http.get("/uploads", headers=ada.headers())
    assert code_of(answer) == (405, "METHOD")
    assert answer.headers["allow"] == "POST"


def test_a_file_that_nobody_used_goes_after_a_day(ada: Desk, database: Database) -> None:
    send(ada, files={"file": ("old.csv", CSV)})
    ada.clock.now = NOW + timedelta(hours=25)
    send(ada.as_(GRETA), files={"file": ("new.csv", CSV)})
    assert [row[1] for row in kept(database)] == ["new.csv"]


def test_a_person_has_five_files_waiting_at_most(ada: Desk, database: Database) -> None:
    send(ada.as_(GRETA), files={"file": ("of greta.csv", CSV)})
    for number in range(7):
        ada.clock.now = NOW + timedelta(seconds=number)
        send(ada, files={"file": (f"{number}.csv", CSV)})
    names = sorted(row[1] for row in kept(database))
    assert names == ["2.csv", "3.csv", "4.csv", "5.csv", "6.csv", "of greta.csv"]
