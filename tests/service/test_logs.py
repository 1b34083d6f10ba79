"""What gets into the log, and what never does."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from service.logs import configure_logs
from tests.cast import GRETA, PIA
from tests.database_server import Database
from tests.desk import Desk, open_desk, settings_for

ADD_TOKEN = (
    """mutation { apiTokenAdd(input: {name: "Kiosk", grants: [{role: AUDITOR}]}) { token } }"""
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield io.StringIO()
    structlog.reset_defaults()
    root.handlers, level = before
    root.setLevel(level)


@pytest.fixture
def production(stream: io.StringIO, database: Database, data_folder: Path) -> io.StringIO:
    """Everything that production would log, and more: the level is debug."""
    chosen = settings_for(database, data_folder, environment="production", log_level="debug")
    configure_logs(chosen, stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_production_logs_one_json_object_a_line(production: io.StringIO) -> None:
    structlog.get_logger("portcullis.test").info("something happened", number=3)
    logging.getLogger("some.library").warning("it is %s", "late")
    told = [(line["event"], line["level"], line.get("number")) for line in lines(production)]
    assert told == [("something happened", "info", 3), ("it is late", "warning", None)]
    assert all(line["timestamp"].endswith("Z") for line in lines(production))


def test_libraries_speak_up_from_warnings_on(production: io.StringIO) -> None:
    logging.getLogger("some.library").info("HTTP Request: GET https://provider.example")
    assert production.getvalue() == ""


def test_an_exception_is_told_without_its_message(production: io.StringIO) -> None:
    try:
        raise ValueError("Key (primary_id)=(ASH-0001) already exists")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        structlog.get_logger().exception("failed")
    assert [line["exception"] for line in lines(production)] == ["builtins.ValueError"] * 2
    assert all("test_logs.py" in line["stack"][0] for line in lines(production))
    assert "ASH-0001" not in production.getvalue()


def test_tokens_and_passwords_are_blotted_out_wherever_they_come_from(
    production: io.StringIO,
) -> None:
    log = logging.getLogger("some.library")
    log.warning("header Authorization: Bearer abc.def")
    log.warning("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJvbGl2ZSJ9.c2lnbmF0dXJl")
    log.warning("token %s", "pcl_ASHFORD_0123_secret")
    log.warning("connecting to postgresql://app:hunter2@db/portcullis")
    assert [line["event"] for line in lines(production)] == [
        "header Authorization: [secret]",
        "token [secret]",
        "token [secret]",
        "connecting to postgresql://app:[secret]@db/portcullis",
    ]


def test_neither_tokens_nor_barcodes_nor_names_that_were_sent_get_into_the_log(
    production: io.StringIO, database: Database, data_folder: Path
) -> None:
    with open_desk(database, data_folder) as desk:
        sent = _send_everything(desk)
    text = production.getvalue()
    assert "sign-in refused" in text
    assert [part for part in sent if part in text] == []


def _send_everything(desk: Desk) -> list[str]:
    """Requests that succeed, are refused and break, and what was in them."""
    barcode, secret = str(PIA.barcode), desk.token()
    api_token = desk.as_(GRETA).ask(ADD_TOKEN)["apiTokenAdd"]["token"]
    queries = (
        "query($i: String!) { user(identifier: $i) { primaryId lastName } }",
        "query($i: String!) { user(identifier: $i) { nonsense } }",
        "query($i: String!) { users(name: $i) { nodes { id } } }",
        "query($i: String!) { users(after: $i) { nodes { id } } }",
        "query($i: Int!) { users(first: $i) { nodes { id } } }",
    )
    for query in queries:
        desk.send(query, {"i": barcode})
    for token in (
        secret,
        secret[:-4] + "AAAA",
        api_token,
        api_token[:-4] + "AAAA",
        "nonsense-1234",
    ):
        desk.http.post(
            "/graphql",
            content=f'{{"query": "{{ user(identifier: \\"{barcode}\\") {{ id }} }}"'.encode(),
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
        )
    return [barcode, PIA.last_name, secret[-20:], secret[:30], api_token[-20:], "nonsense-1234"]


def test_development_logs_lines_for_people(
    stream: io.StringIO, database: Database, data_folder: Path
) -> None:
    configure_logs(settings_for(database, data_folder), stream)
    structlog.get_logger("portcullis.test").info("something happened", number=3)
    structlog.get_logger("portcullis.test").debug("too much")
    assert "something happened" in stream.getvalue()
    assert "number=3" in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_development_tells_an_exception_and_goes_on(
    stream: io.StringIO, database: Database, data_folder: Path
) -> None:
    configure_logs(settings_for(database, data_folder), stream)
    try:
        raise ValueError("Key (primary_id)=(ASH-0001) already exists")
    except ValueError:
        structlog.get_logger("portcullis.test").exception("failed")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    told = stream.getvalue()
    assert told.count("builtins.ValueError") == 2
    assert told.count(" test_development_tells_an_exception_and_goes_on") == 2
    assert "ASH-0001" not in told
