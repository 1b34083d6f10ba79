"""Users as one statement reads them: found by identifier, listed by name, with their parts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from rules.user_records import UserRecord
from rules.users import UserFilter, UserPart
from storage import users
from tenancy.scopes import Pool, open_read_db
from tests.cast import ASHFORD, BELA, CEDAR, HOUSES, NOW, OLIVE, PIA, QUENTIN, Person
from tests.database_server import Database
from tests.peopling import put_person

NO_PARTS: frozenset[UserPart] = frozenset()
ALL_PARTS = frozenset(UserPart)


@pytest.fixture(scope="module", autouse=True)
def _blocks_of_pia(database: Database) -> None:
    for days, code in enumerate(("UNPAID", "CONDUCT")):
        database.put(
            "user_block",
            ASHFORD,
            user_id=PIA.id,
            description_id=HOUSES[ASHFORD].description_id(code),
            block_type="USER",
            origin="STAFF",
            created_by="olive",
            created_at=NOW - timedelta(days=9 - days),
        )


def _found(pool: Pool, identifier: str, code: str = ASHFORD) -> list[str]:
    with open_read_db(pool, code) as db:
        return [u.user.primary_id for u in users.users_by_identifier(db, identifier, NO_PARTS)]


def _listed(pool: Pool, wanted: UserFilter, code: str = ASHFORD) -> list[str]:
    with open_read_db(pool, code) as db:
        page = users.users_page(db, wanted, first=100, after=None, parts=NO_PARTS)
    return [record.user.primary_id for record in page.items]


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("pia", ["pia"]),
        ("PIA", ["pia"]),
        ("ASH-0001", ["pia"]),
        ("ash-0001", []),
        ("BIR-0001", []),
        ("bela", []),
        ("pi", []),
        ("", []),
        ("' OR true --", []),
    ],
)
def test_a_user_is_found_by_any_own_identifier_exactly(
    app_pool: Pool, identifier: str, found: list[str]
) -> None:
    assert _found(app_pool, identifier) == found


def test_a_barcode_of_one_that_is_the_primary_id_of_another_finds_both(
    app_pool: Pool, database: Database
) -> None:
    twin = Person(
        primary_id="ASH-0002",
        first_name="Quirin",
        last_name="Okafor",
        institution_code=ASHFORD,
        roles=(),
    )
    with database.owner(ASHFORD) as connection:
        put_person(connection, twin)
    assert sorted(_found(app_pool, "ASH-0002")) == ["ASH-0002", "quentin"]
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_account WHERE id = %s", [twin.id])


def test_the_same_identifier_at_two_institutions_finds_each_its_own(
    app_pool: Pool, database: Database
) -> None:
    database.put(
        "user_identifier",
        ASHFORD,
        user_id=QUENTIN.id,
        type_code="CARD",
        value=str(BELA.barcode),
        value_key=str(BELA.barcode).casefold(),
    )
    assert _found(app_pool, "BIR-0001") == ["quentin"]
    assert _found(app_pool, "BIR-0001", "BIRCHWOOD") == ["bela"]
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_identifier WHERE type_code = 'CARD'")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("zollner", ["pia"]),
        ("Zöllner", ["pia"]),
        ("ZOL", ["pia"]),
        ("pia z", ["pia"]),
        ("zöllner p", ["pia"]),
        ("ollner", []),
        ("o", ["olive", "quentin"]),
        ("%", []),
        ("\U0010ffff", []),
    ],
)
def test_a_name_is_found_by_its_start_without_accents_or_case(
    app_pool: Pool, name: str, found: list[str]
) -> None:
    assert sorted(_listed(app_pool, UserFilter(name=name))) == found


def test_users_are_listed_by_last_name(app_pool: Pool) -> None:
    listed = _listed(app_pool, UserFilter())
    assert listed[0] == "ada"
    assert listed[-1] == "pia"
    assert len(listed) == 11


def test_a_list_can_be_of_users_with_blocks_or_without(app_pool: Pool) -> None:
    assert _listed(app_pool, UserFilter(has_blocks=True)) == ["pia"]
    assert "pia" not in _listed(app_pool, UserFilter(has_blocks=False))
    assert _listed(app_pool, UserFilter(has_blocks=True), CEDAR) == []


def test_a_list_can_be_of_one_group(app_pool: Pool) -> None:
    students = UserFilter(group_id=HOUSES[ASHFORD].group_id("STUDENT"))
    assert _listed(app_pool, students) == ["quentin", "pia"]
    assert _listed(app_pool, students, CEDAR) == []


def test_pages_follow_each_other_without_a_gap(app_pool: Pool) -> None:
    seen: list[str] = []
    after: tuple[str, ...] | None = None
    with open_read_db(app_pool, ASHFORD) as db:
        while True:
            page = users.users_page(db, UserFilter(), first=3, after=after, parts=NO_PARTS)
            seen += [record.user.primary_id for record in page.items]
            if not page.has_more:
                break
            after = page.keys[-1]
    assert seen == _listed(app_pool, UserFilter())


def test_everything_about_a_page_of_users_is_one_statement(app_pool: Pool) -> None:
    with open_read_db(app_pool, ASHFORD) as db:
        page = users.users_page(db, UserFilter(), first=50, after=None, parts=ALL_PARTS)
        assert db.statement_count == 1
    assert len(page.items) == 11


@pytest.mark.parametrize("part", list(UserPart), ids=lambda part: part.value)
def test_only_the_parts_that_were_asked_for_are_read(app_pool: Pool, part: UserPart) -> None:
    names = {
        UserPart.IDENTIFIERS: "identifiers",
        UserPart.BLOCKS: "blocks",
        UserPart.REMOVED_BLOCKS: "removed_blocks",
        UserPart.ACCOUNT_BLOCK: "account_block",
        UserPart.PREFERENCES: "preferences",
        UserPart.NOTES: "notes",
        UserPart.ROLES: "roles",
        UserPart.DESKS: "desks",
    }
    with open_read_db(app_pool, ASHFORD) as db:
        record = users.user_by_id(db, PIA.id, frozenset({part}))
    assert record is not None
    read = {name for name in names.values() if getattr(record, name) is not None}
    assert read == {names[part]}


def test_a_user_comes_with_blocks_and_what_they_do(app_pool: Pool) -> None:
    record = _read(app_pool)
    blocks = record.blocks or ()
    assert record.has_blocks
    assert [b.description.code for b in blocks if b.description] == ["UNPAID", "CONDUCT"] or [
        b.description.code for b in blocks if b.description
    ] == ["CONDUCT", "UNPAID"]
    actions = {
        b.definition.row_id: b.definition.blocked_action.code for b in blocks if b.definition
    }
    assert actions == {"UNPAID": "02", "CONDUCT": "ALL"}
    assert record.time_zone == "America/New_York"
    assert record.user.group is not None
    assert record.user.group.code == "STUDENT"
    assert [(i.type_code, i.value) for i in record.identifiers or ()] == [("BARCODE", "ASH-0001")]


def test_a_user_of_another_institution_is_not_there(app_pool: Pool) -> None:
    with open_read_db(app_pool, CEDAR) as db:
        assert users.user_by_id(db, PIA.id, ALL_PARTS) is None
        assert users.users_by_ids(db, [PIA.id, OLIVE.id], NO_PARTS) == {}


def test_users_by_ids_leave_out_those_that_are_not_there(app_pool: Pool) -> None:
    with open_read_db(app_pool, ASHFORD) as db:
        assert users.users_by_ids(db, [PIA.id, BELA.id, uuid4()], NO_PARTS).keys() == {PIA.id}


def _read(pool: Pool) -> UserRecord:
    with open_read_db(pool, ASHFORD) as db:
        record = users.user_by_id(db, PIA.id, ALL_PARTS)
    assert record is not None
    return record
