"""The settings: defaults, wrong values, and what is said about them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.child_processes import TOP
from service.server_checks import StartRefused
from service.settings import Environment, Settings
from service.settings_report import (
    masked_url,
    read_settings,
    setting_rows,
    unknown_settings,
    variable_of,
)

Set = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets variables by their names without the prefix, in an environment with no others."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)

    def give(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"PORTCULLIS_{name}", value)

    return give


def refusal() -> str:
    with pytest.raises(StartRefused) as refused:
        read_settings()
    return refused.value.sentence


def test_without_any_variable_the_service_runs_on_this_machine_in_development(given: Set) -> None:
    settings = read_settings()
    assert settings.environment is Environment.DEVELOPMENT
    assert settings.api_address == "http://127.0.0.1:8080"
    assert settings.data == Path(".portcullis").absolute()
    assert settings.dev_key == settings.data / "development-key.json"
    assert settings.database_url is None


def test_an_empty_variable_counts_as_unset(given: Set) -> None:
    given(DATABASE_URL="", PORT="")
    assert (read_settings().database_url, read_settings().port) == (None, 8080)


def test_the_development_key_moves_with_the_data_folder(given: Set) -> None:
    given(DATA="/srv/second")
    assert read_settings().dev_key == Path("/srv/second/development-key.json")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "PORT",
            "many",
            "PORTCULLIS_PORT is 'many', which does not work: input should be a valid integer, "
            "unable to parse string as an integer.",
        ),
        (
            "PORT",
            "70000",
            "PORTCULLIS_PORT is '70000', which does not work: input should be less than or equal "
            "to 65535.",
        ),
        (
            "API_PROCESSES",
            "0",
            "PORTCULLIS_API_PROCESSES is '0', which does not work: input should be greater than "
            "or equal to 1.",
        ),
        (
            "ENVIRONMENT",
            "test",
            "PORTCULLIS_ENVIRONMENT is 'test', which does not work: input should be 'development' "
            "or 'production'.",
        ),
        (
            "DATABASE_URL",
            "mysql://owner:secret@db/x",
            "PORTCULLIS_DATABASE_URL is 'mysql://owner:***@db/x', which does not work: it must be "
            "a URL that begins with postgresql://.",
        ),
        (
            "BROKER_URL",
            "redis://127.0.0.1",
            "PORTCULLIS_BROKER_URL is 'redis://127.0.0.1', which does not work: so far messages "
            "wait in PostgreSQL only, so leave it unset.",
        ),
        (
            "ALLOWED_ORIGINS",
            "https://desk.example/path",
            "PORTCULLIS_ALLOWED_ORIGINS is 'https://desk.example/path', which does not work: an "
            "origin is a scheme, a host and a port, as in https://desk.example.",
        ),
        (
            "OTLP_ENDPOINT",
            "collector",
            "PORTCULLIS_OTLP_ENDPOINT is 'collector', which does not work: it must be a URL that "
            "begins with http:// or https://.",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence_with_the_variable(
    given: Set, variable: str, value: str, sentence: str
) -> None:
    given(**{variable: value})
    assert refusal() == sentence


def test_two_wrong_values_are_two_sentences(given: Set) -> None:
    given(PORT="x", POOL_SIZE="-1")
    assert refusal().count("which does not work") == 2


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.0.2.7", "desk.example", "127.0.0.1.example"]
)
def test_development_refuses_an_address_that_others_can_reach(given: Set, host: str) -> None:
    given(HOST=host)
    assert refusal() == (
        f"PORTCULLIS_HOST is {host!r}, which other machines can reach, but development sign-in is "
        "open: use 127.0.0.1, or set PORTCULLIS_ENVIRONMENT=production."
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_development_accepts_this_machine_alone(given: Set, host: str) -> None:
    given(HOST=host)
    assert read_settings().host == host


def test_production_may_listen_to_everyone(given: Set) -> None:
    given(HOST="0.0.0.0", ENVIRONMENT="production")
    assert read_settings().api_address == "http://127.0.0.1:8080"


def test_origins_are_separated_by_commas(given: Set) -> None:
    given(ALLOWED_ORIGINS="https://a.example, http://localhost:3000,")
    assert read_settings().allowed_origins == ("https://a.example", "http://localhost:3000")


def test_an_unknown_variable_is_named_with_the_one_that_was_meant() -> None:
    environ = {"PORTCULLIS_PROT": "1", "PORTCULLIS_EXAMPLES": "x", "PORTCULLIS_TEST_X": "y"}
    assert unknown_settings(environ) == [
        "PORTCULLIS_PROT is not a setting and is ignored (did you mean PORTCULLIS_PORT?); "
        "`python -m service settings` lists all."
    ]


def test_every_setting_is_listed_with_a_meaning_and_without_passwords(given: Set) -> None:
    given(APP_DATABASE_URL="postgresql://app:secret@db/portcullis")
    rows = {row.variable: row for row in setting_rows(read_settings())}
    assert list(rows) == [variable_of(name) for name in Settings.model_fields]
    assert all(row.meaning.endswith(".") for row in rows.values())
    assert rows["PORTCULLIS_PORT"].default == "8080"
    assert rows["PORTCULLIS_APP_DATABASE_URL"].current == "postgresql://app:***@db/portcullis"
    assert "secret" not in repr(rows) + repr(read_settings()) + str(read_settings())


def test_a_url_without_a_password_is_shown_as_it_is() -> None:
    assert masked_url("postgresql://app@db/portcullis") == "postgresql://app@db/portcullis"


def test_the_command_refuses_with_status_2_and_no_traceback() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "service", "settings"],
        cwd=TOP,
        env={"PORTCULLIS_PORT": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        "PORTCULLIS_PORT is 'x', which does not work: input should be a valid integer, unable to "
        "parse string as an integer.\n"
    )
