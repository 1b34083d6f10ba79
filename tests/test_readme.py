"""README.md is true: its operations are answered as it says, what it names is there, and its
links lead somewhere."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from service.command_line import app
from service.demo import load_demo
from service.settings import Settings
from service.settings_report import variable_of
from tests.cast import MAX, NOW, OLIVE, Person
from tests.database_server import DatabaseServer
from tests.desk import Desk, open_desk

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text()
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "GLOSSARY.md",
    "CHANGELOG.md",
    "CONVENTIONS.md",
    "docs/operations.md",
    "decisions/README.md",
)
OPERATIONS = re.findall(r"<<'GRAPHQL'\n(.*?)\nGRAPHQL\n", README, re.DOTALL)
ANSWERS = [
    json.loads(text)["data"] for text in re.findall(r"```json\n(.*?)\n```", README, re.DOTALL)
]

FIRST, START, ADD, GATE, OVERRIDE, CONSUME, EVENTS, STRANGER = range(8)
"""The operations in the order of the README; OVERRIDE is sent twice, and answered twice."""


@pytest.fixture(scope="module")
def demo(server: DatabaseServer, data_folder: Path) -> Iterator[Desk]:
    """The application over the demo network, as `make up` has it."""
    with server.migrated_database() as database:
        load_demo(database.owner_url, now=NOW)
        with open_desk(database, data_folder) as desk:
            yield desk


def at_the_demo(person: Person, identifier: str, institution: str = "ASHFORD") -> Person:
    """A person of the cast under the name that the demo network knows."""
    return replace(person, primary_id=identifier, institution_code=institution)


def shape(value: object) -> object:
    """An answer without what differs from one run to the next."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    if isinstance(value, str) and re.fullmatch(r"[a-z]_[\w-]{22}|\d{4}-\d\d-\d\dT.*", value):
        return "differs"
    return value


def test_the_first_query_is_answered_as_it_says(demo: Desk) -> None:
    olive = demo.as_(at_the_demo(OLIVE, "olive.operator"))

    assert olive.ask(OPERATIONS[FIRST]) == ANSWERS[0]


def test_the_first_five_minutes_go_as_it_says(demo: Desk) -> None:
    olive = demo.as_(at_the_demo(OLIVE, "olive.operator"))
    max_ = demo.as_(at_the_demo(MAX, "max.manager"))
    answers: list[dict[str, Any]] = [olive.ask(OPERATIONS[START])]
    patron = answers[0]["user"]["id"]
    desk = answers[0]["institution"]["libraries"][1]["desks"][0]["id"]
    answers.append(olive.ask(OPERATIONS[ADD], patron=patron))
    answers.append(olive.ask(OPERATIONS[GATE], patron=patron))
    block = answers[-1]["node"]["gate"][0]["reasons"][0]["record"]
    given = {"patron": patron, "desk": desk, "block": block}
    answers.append(olive.ask(OPERATIONS[OVERRIDE], **given))
    # The README's reader takes a moment between the two; the list shows the newest first.
    demo.clock.now = NOW.replace(second=1)
    answers.append(max_.ask(OPERATIONS[OVERRIDE], **given))
    a_pass = answers[-1]["actionAuthorize"]["pass"]["id"]
    answers.append(max_.ask(OPERATIONS[CONSUME], patron=patron, **{"pass": a_pass}))
    answers.append(max_.ask(OPERATIONS[EVENTS]))
    stranger = demo.as_(at_the_demo(MAX, "max.manager", "CEDAR"))
    answers.append(stranger.ask(OPERATIONS[STRANGER], patron=patron))

    assert [shape(answer) for answer in answers] == [shape(answer) for answer in ANSWERS[1:]]


@pytest.mark.parametrize("page", PAGES)
def test_each_target_of_make_that_a_page_names_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`|^\$ make ([a-z-]+)", _text(page), re.MULTILINE))

    assert {first or second for first, second in named} <= targets


@pytest.mark.parametrize("page", PAGES)
def test_each_command_that_a_page_names_is_there(page: str) -> None:
    commands = set(typer.main.get_group(app).commands)

    assert set(re.findall(r"-m service ([a-z-]+)", _text(page))) <= commands


def test_it_names_every_command() -> None:
    section = README.partition("## The command line")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == set(typer.main.get_group(app).commands)


@pytest.mark.parametrize("page", PAGES)
def test_each_setting_that_a_page_names_is_one(page: str) -> None:
    known = {variable_of(name) for name in Settings.model_fields}
    elsewhere = {"PORTCULLIS_EXAMPLES", "PORTCULLIS_TEST_SECOND_DATABASE_URL"}

    assert set(re.findall(r"PORTCULLIS_[A-Z_]+[A-Z]", _text(page))) <= known | elsewhere


@pytest.mark.parametrize("page", PAGES)
def test_each_link_of_a_page_leads_to_a_file(page: str) -> None:
    folder = (TOP / page).parent
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _text(page))

    assert [link for link in links if not (folder / link).exists()] == []


def _text(page: str) -> str:
    return (TOP / page).read_text()
