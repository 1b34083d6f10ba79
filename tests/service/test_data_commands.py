"""The commands that fill the database, run as an operator runs them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import PREFIX
from tests.database_server import Database, DatabaseServer

ELM = ("--code", "ELM", "--name", "Elm", "--time-zone", "Europe/Dublin", "--currency", "EUR")


@pytest.fixture(scope="module")
def blank(server: DatabaseServer) -> Iterator[Database]:
    with server.migrated_database() as database:
        yield database


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def run(database: Database, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m service …` with the logins of the database and no other setting."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {
        "PORTCULLIS_DATA": str(data),
        "PORTCULLIS_DATABASE_URL": database.owner_url,
        "PORTCULLIS_APP_DATABASE_URL": database.app_url,
        "PORTCULLIS_WORKER_DATABASE_URL": database.worker_url,
    }
    return subprocess.run(
        [sys.executable, "-m", "service", *words],
        env=inherited | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_institution_a_provider_and_a_token_by_command(blank: Database, data: Path) -> None:
    made = run(blank, data, "institution-add", *ELM, "--languages", "en, ga")
    again = run(blank, data, "institution-add", *ELM, "--languages", "en")
    provider = ("--url", "https://idp.elm.example", "--audience", "portcullis")
    keys = ("--jwks-url", "https://idp.elm.example/keys", "--institution", "ELM")
    issuer = run(blank, data, "issuer-add", *provider, *keys)
    token = run(blank, data, "token", "--institution", "ELM", "--role", "AUDITOR")

    assert (made.returncode, made.stdout) == (0, "Elm (ELM) is a member of the network.\n")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "The institution ELM is a member of the network already.\n"
    assert (issuer.returncode, issuer.stdout) == (
        0,
        "Tokens of https://idp.elm.example are accepted.\n",
    )
    assert (token.returncode, token.stderr) == (0, "")
    assert token.stdout.count(".") == 2
    assert token.stdout.count("\n") == 1


def test_a_refused_token_leaves_standard_output_empty(blank: Database, data: Path) -> None:
    refused = run(blank, data, "token", "--institution", "NOWHERE", "--role", "AUDITOR")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("There is no institution NOWHERE")


def test_a_load_says_what_it_did(blank: Database, data: Path) -> None:
    loaded = run(blank, data, "load", "--institutions", "1", "--users", "50")
    again = run(blank, data, "load", "--institutions", "1", "--users", "50")

    assert (loaded.returncode, again.returncode) == (0, 0)
    assert "Loaded 1 institutions with " in loaded.stderr
    assert again.stderr.endswith("L001 to L001 are there already; nothing was added.\n")


def test_a_database_without_tables_is_named_as_such(server: DatabaseServer, data: Path) -> None:
    with server.new_database() as empty:
        refused = run(empty, data, "demo")

    assert refused.returncode == 2
    assert refused.stderr == ("The database has no tables yet: run `python -m service migrate`.\n")
