"""The demo network: loaded once, the same for the same instant, with blocks of every kind."""

import unicodedata
from collections.abc import Iterator

import pytest

from rules.block_tables import BlockType, Overridable
from rules.decisions import decide_all
from rules.gate import Verdict
from rules.roles import STAFF_ROLES
from rules.standings import standing_of
from rules.user_records import UserRecord
from rules.users import UserPart
from service.demo import load_demo
from service.demo_network import DEMO_INSTITUTIONS, PIA, QUENTIN, USER_GROUPS
from service.institution_setup import owner_db
from storage.users import users_by_identifier
from tests.cast import NOW
from tests.database_server import Database, DatabaseServer

GATE_PARTS = frozenset({UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES})
CODES = [demo.plan.code for demo in DEMO_INSTITUTIONS]


@pytest.fixture(scope="module")
def demo(server: DatabaseServer) -> Iterator[Database]:
    """A database with the demo network as it stands at NOW."""
    with server.migrated_database() as database:
        load_demo(database.owner_url, now=NOW)
        yield database


def patron(demo: Database, identifier: str) -> UserRecord:
    with owner_db(demo.owner_url, "ASHFORD") as db:
        (found,) = users_by_identifier(db, identifier, GATE_PARTS)
    return found


def everything(demo: Database) -> list[object]:
    tables = "user_account user_identifier user_role user_note user_block account_block"
    tables += " history_event history_value block_definition permission_grant"
    return [
        demo.value(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t", code)
        for code in CODES
        for table in tables.split()
    ]


def test_it_is_loaded_once(demo: Database) -> None:
    before = everything(demo)

    assert load_demo(demo.owner_url, now=NOW) is False
    assert everything(demo) == before


def test_it_is_the_same_for_the_same_instant(demo: Database, blank_database: Database) -> None:
    assert load_demo(blank_database.owner_url, now=NOW) is True

    assert everything(blank_database) == everything(demo)


def test_a_load_that_was_cut_short_goes_on(demo: Database, blank_database: Database) -> None:
    def interrupt(_sentence: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(blank_database.owner_url, now=NOW, say=interrupt)
    sentences: list[str] = []
    assert load_demo(blank_database.owner_url, now=NOW, say=sentences.append) is True

    assert [sentence.partition(":")[0] for sentence in sentences] == [
        "Loaded Birchwood College",
        "Loaded Cedar Institute of Technology",
    ]
    assert everything(blank_database) == everything(demo)


@pytest.mark.parametrize("code", CODES)
def test_each_institution_has_the_groups_of_the_field_and_staff_of_every_role(
    demo: Database, code: str
) -> None:
    groups = demo.rows("SELECT code, name FROM user_group", code)
    roles = demo.rows("SELECT DISTINCT role FROM user_role", code)

    assert sorted(groups) == sorted(USER_GROUPS)
    assert {role for (role,) in roles} == {role.value for role in STAFF_ROLES}


@pytest.mark.parametrize("code", CODES)
def test_the_definitions_show_every_type_and_every_value(demo: Database, code: str) -> None:
    rows = demo.rows("SELECT block_type, overridable, is_network_block FROM block_definition", code)

    assert {row[0] for row in rows} == {kind.value for kind in BlockType}
    assert {row[1] for row in rows} == {value.value for value in Overridable}
    assert {row[2] for row in rows} == {True, False}


def test_the_two_consortial_rows_are_those_of_a_real_consortium(demo: Database) -> None:
    rows = demo.rows(
        "SELECT f.row_id, f.description_code, f.overridable, a.code, f.is_network_block"
        " FROM block_definition f JOIN blocked_action_code a"
        " ON a.institution_code = f.institution_code AND a.id = f.blocked_action_code_id"
        " WHERE f.block_type = 'CONSORTIAL' ORDER BY f.row_id",
        "ASHFORD",
    )

    assert rows == [
        ("AFNBLOCK", "CONSORTIA", "ALL", "05", False),
        ("FROM_TARGET", "FROM_TARGET", "ALL", "05", True),
    ]


@pytest.mark.parametrize(
    ("what", "condition"),
    [
        ("in force without an end", "status = 'ACTIVE' AND expires_at IS NULL"),
        ("in force for long", "expires_at > %(now)s + interval '8 days'"),
        ("ending in a week", "expires_at BETWEEN %(now)s AND %(now)s + interval '8 days'"),
        ("expired and not swept", "expires_at < %(now)s"),
        ("switched off", "status = 'INACTIVE' AND version = 2"),
        ("old", "created_at < %(now)s - interval '1 year'"),
        ("loaded without a definition", "origin = 'IMPORT'"),
        ("made by a job", "origin = 'OVERDUE_JOB'"),
        ("with line breaks in its note", "staff_note LIKE E'%%\n%%'"),
    ],
)
def test_there_are_blocks_of_every_kind(demo: Database, what: str, condition: str) -> None:
    query = f"SELECT count(*) FROM user_block WHERE removed_at IS NULL AND {condition}"

    for code in CODES:
        count = demo.value(query, code, now=NOW)
        assert isinstance(count, int)
        assert count > 0, f"{code} has no block that is {what}"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM user_block WHERE removed_at IS NOT NULL",
        "SELECT count(*) FROM account_block",
        "SELECT count(*) FROM user_note WHERE is_patron_visible",
        "SELECT count(*) FROM user_note WHERE is_popup",
        "SELECT count(*) FROM user_account WHERE status = 'INACTIVE'",
        "SELECT count(*) FROM user_account WHERE expires_on < '2026-11-22'",
        "SELECT count(*) FROM user_account WHERE account_type = 'EXTERNAL'",
        "SELECT count(*) FROM (SELECT FROM user_block GROUP BY user_id HAVING count(*) > 3) many",
    ],
)
def test_every_institution_has_some(demo: Database, query: str) -> None:
    counts = [demo.value(query, code) for code in CODES]

    assert 0 not in counts


def test_names_of_every_script_are_kept_in_nfc(demo: Database) -> None:
    rows = demo.rows("SELECT first_name || ' ' || last_name FROM user_account", "BIRCHWOOD")
    names = [name for (name,) in rows]

    scripts = {unicodedata.name(name[0]).partition(" ")[0] for name in names}
    assert scripts >= {"LATIN", "ARABIC", "CJK", "HANGUL", "HEBREW", "CYRILLIC", "DEVANAGARI"}
    assert scripts >= {"ETHIOPIC", "GREEK", "TAMIL", "THAI", "GEORGIAN", "ARMENIAN"}
    assert "Thị Ánh Nguyễn" in names
    assert all(unicodedata.is_normalized("NFC", name) for name in names)


def test_pia_has_two_blocks_that_different_people_may_override(demo: Database) -> None:
    blocks = patron(demo, PIA.barcode).blocks or ()

    in_force = [block.definition for block in blocks if block.is_in_force(NOW)]
    assert [(row.row_id, row.overridable) for row in in_force if row is not None] == [
        ("UNPAID", Overridable.OPERATOR),
        ("GENERAL", Overridable.CIRCDESC),
    ]


def test_nothing_stands_against_quentin(demo: Database) -> None:
    decisions = decide_all(standing_of(patron(demo, QUENTIN.barcode)), NOW)

    assert {decision.verdict for decision in decisions} == {Verdict.ALLOWED}
    assert patron(demo, QUENTIN.student_id).user.primary_id == "quentin"


@pytest.mark.parametrize("code", CODES)
def test_the_history_ends_with_what_stands_now(demo: Database, code: str) -> None:
    strays = demo.value(
        "SELECT count(*) FROM user_block b JOIN block_description d"
        " ON d.institution_code = b.institution_code AND d.id = b.description_id"
        " WHERE b.institution_code = %(code)s AND NOT EXISTS ("
        " SELECT FROM history_event e JOIN history_value v"
        " ON v.institution_code = e.institution_code AND v.event_id = e.id"
        " WHERE e.institution_code = b.institution_code AND e.record_type = 'USER_BLOCK'"
        " AND e.record_id = b.id AND v.after->>'status' = b.status"
        " AND (v.after->>'version')::integer = b.version"
        " AND v.after->>'description_code' = d.code"
        " AND v.after->>'removal_reason' IS NOT DISTINCT FROM b.removal_reason)",
        code,
        code=code,
    )

    assert strays == 0
    assert demo.value(
        "SELECT count(*) FROM history_event WHERE record_type = 'USER'", code
    ) == demo.value("SELECT count(*) FROM user_account", code)
    assert demo.value("SELECT count(*) FROM history_event WHERE at > %(now)s", code, now=NOW) == 0
