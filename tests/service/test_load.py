"""Loads for measurements: how many rows, in which mix, and never twice."""

from collections.abc import Iterator

import pytest

from rules.users import UserPart
from service.institution_setup import owner_db
from service.load import LoadPlan, load_network
from service.load_lines import barcode, primary_id
from service.server_checks import StartRefused
from storage.users import users_by_identifier
from tests.cast import NOW
from tests.database_server import Database, DatabaseServer


@pytest.fixture(scope="module")
def loaded(server: DatabaseServer) -> Iterator[Database]:
    """Three institutions with 2,000 users together."""
    with server.migrated_database() as database:
        load_network(database.owner_url, institutions=3, users=2000, now=NOW)
        yield database


def counts(database: Database, table: str) -> list[object]:
    codes = ("L001", "L002", "L003")
    return [database.value(f"SELECT count(*) FROM {table}", code) for code in codes]


def test_users_are_spread_evenly(loaded: Database) -> None:
    assert counts(loaded, "user_account") == [667, 667, 666]
    assert counts(loaded, "user_identifier") == [667, 667, 666]


def test_about_a_third_of_the_users_have_one_to_four_blocks(loaded: Database) -> None:
    rows = loaded.rows(
        "SELECT blocks, count(*) FROM"
        " (SELECT count(*) AS blocks FROM user_block GROUP BY user_id) each"
        " GROUP BY blocks ORDER BY blocks",
        "L001",
    )

    assert [blocks for blocks, _ in rows] == [1, 2, 3, 4]
    assert 0.25 < sum(users for _, users in rows) / 667 < 0.35


@pytest.mark.parametrize(
    "condition",
    [
        "status = 'ACTIVE' AND expires_at > %(now)s",
        "status = 'ACTIVE' AND expires_at IS NULL AND removed_at IS NULL",
        "status = 'INACTIVE'",
        "expires_at < %(now)s AND removed_at IS NULL",
        "removed_at IS NOT NULL",
        "created_at < %(now)s - interval '1 year'",
        "staff_note IS NOT NULL",
    ],
)
def test_blocks_are_a_mix_of_states(loaded: Database, condition: str) -> None:
    assert loaded.value(f"SELECT count(*) FROM user_block WHERE {condition}", "L002", now=NOW) != 0


def test_users_are_found_by_their_identifiers(loaded: Database) -> None:
    with owner_db(loaded.owner_url, "L003") as db:
        by_primary_id = users_by_identifier(db, primary_id(3, 666), frozenset())
        by_barcode = users_by_identifier(db, barcode(3, 666), frozenset({UserPart.BLOCKS}))

    assert [record.user.primary_id for record in by_primary_id] == ["l003-0000666"]
    assert by_primary_id[0].user == by_barcode[0].user


def test_search_keys_are_those_of_the_names(loaded: Database) -> None:
    from rules.name_keys import name_keys

    rows = loaded.rows(
        "SELECT first_name, last_name, name_key, first_name_key FROM user_account", "L001"
    )

    for first_name, last_name, *keys in rows:
        assert tuple(keys) == name_keys(first_name, last_name)


def test_a_second_load_adds_nothing(loaded: Database) -> None:
    sentence = load_network(loaded.owner_url, institutions=3, users=2000, now=NOW)

    assert sentence == "L001 to L003 are there already; nothing was added."
    assert counts(loaded, "user_account") == [667, 667, 666]


def test_a_larger_load_adds_what_is_missing(blank_database: Database) -> None:
    load_network(blank_database.owner_url, institutions=1, users=10, now=NOW)
    sentence = load_network(blank_database.owner_url, institutions=2, users=20, now=NOW)

    assert sentence.startswith("Loaded 1 institutions with ")
    assert sentence.endswith(" 1 were there already and stay as they are.")
    assert counts(blank_database, "user_account") == [10, 10, 0]


def test_the_average_of_blocks_can_be_chosen(blank_database: Database) -> None:
    load_network(blank_database.owner_url, institutions=1, users=1000, blocks_per_user=0, now=NOW)
    load_network(blank_database.owner_url, institutions=2, users=2000, blocks_per_user=5, now=NOW)

    none, many, _ = counts(blank_database, "user_block")
    assert none == 0
    assert isinstance(many, int)
    assert 4700 < many < 5300


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0, 10, 1.0), "--institutions must be from 1 to 9,999, not 0."),
        ((1, -1, 1.0), "--users must be from 0 to 100,000,000, not -1."),
        ((1, 10, 21.0), "--blocks-per-user must be from 0 to 20, not 21."),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    blank_database: Database, numbers: tuple[int, int, float], sentence: str
) -> None:
    institutions, users, blocks = numbers

    with pytest.raises(StartRefused) as refused:
        load_network(
            blank_database.owner_url,
            institutions=institutions,
            users=users,
            blocks_per_user=blocks,
            now=NOW,
        )

    assert refused.value.sentence == sentence


def test_the_first_institutions_take_the_users_that_are_left_over() -> None:
    plan = LoadPlan(institutions=3, users=11, blocks_per_user=0.75)

    assert [plan.users_of(number) for number in (1, 2, 3)] == [4, 4, 3]
