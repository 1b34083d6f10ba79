"""The migrations, and what the code says of the tables they make."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from service.child_processes import TOP
from service.schema_sql import NAME, fresh_schema_sql
from storage.migrate import migrate, set_passwords
from storage.tables import metadata
from tests.cast import ASHFORD
from tests.database_server import Database, DatabaseServer

TYPES = {
    "TEXT": "text",
    "ARRAY": "text[]",
    "UUID": "uuid",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIG_INTEGER": "bigint",
    "TIMESTAMP": "timestamp with time zone",
    "DATE": "date",
    "JSONB": "jsonb",
    "BLOB": "bytea",
}
"""The database's name for each type that storage/tables.py uses."""


def test_migrating_from_empty_makes_what_is_checked_in() -> None:
    assert fresh_schema_sql() == (TOP / NAME).read_text(), "run `make schema`"


def test_migrating_again_changes_nothing(blank_database: Database) -> None:
    migrate(blank_database.owner_url)
    heads = blank_database.rows("SELECT version_num FROM alembic_version", ASHFORD)
    assert len(heads) == 1


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_the_columns_of_a_table_are_the_databases(database: Database, table: str) -> None:
    found = database.rows(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped",
        ASHFORD,
        table=table,
    )
    written = {
        column.name: TYPES[column.type.__visit_name__.upper().replace("LARGE_BINARY", "BLOB")]
        if column.type.__visit_name__ != "datetime"
        else TYPES["TIMESTAMP"]
        for column in metadata.tables[table].c
    }
    assert written == dict(found)


def test_every_check_and_unique_constraint_has_a_speaking_name(database: Database) -> None:
    """PostgreSQL's own names say which columns, not what must hold."""
    names = database.rows(
        "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u')"
        " AND connamespace = 'public'::regnamespace",
        ASHFORD,
    )
    assert names
    assert [name for (name,) in names if re.search(r"_(check|key)\d*$", name)] == []


def test_ids_made_by_the_database_are_of_version_7_and_in_order(database: Database) -> None:
    made = database.rows("SELECT uuid_v7(), pg_sleep(0.002) FROM generate_series(1, 3)", ASHFORD)
    numbers = [number for number, _ in made]
    assert {number.version for number in numbers} == {7}
    assert {number.variant for number in numbers} == {"specified in RFC 4122"}
    assert numbers == sorted(numbers)


def test_the_passwords_of_the_logins_may_be_set_by_several_at_once(server: DatabaseServer) -> None:
    app, worker = (urlsplit(url).password for url in (server.app_url, server.worker_url))

    def again(_: int) -> None:
        for _ in range(10):
            set_passwords(server.superuser_url, app_password=app, worker_password=worker)

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(again, range(4)))
    assert done == [None] * 4
