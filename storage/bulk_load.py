"""Very many users and blocks at once: COPY into staging tables of the session, then one insert
for each table. COPY refuses tables with row-level security, so it never writes there itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from storage.handles import WriteDb
from storage.statements import OWN, Statement, statement

TABLES = ("user_account", "user_identifier", "user_block")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """A table of the session that takes the lines of COPY: columns separated by tabs."""

    name: str
    columns: tuple[str, ...]
    """Each as name and type, in the order in which a line has them."""


STAGED_USER = Staging(
    name="staged_user",
    columns=(
        "id uuid",
        "primary_id text",
        "first_name text",
        "last_name text",
        "name_key text",
        "first_name_key text",
        "user_group_id uuid",
        "status text",
        "expires_on date",
        "created_at timestamptz",
        "identifier_id uuid",
        "barcode text",
    ),
)
STAGED_BLOCK = Staging(
    name="staged_block",
    columns=(
        "id uuid",
        "user_id uuid",
        "description_id uuid",
        "block_type text",
        "status text",
        "expires_at timestamptz",
        "staff_note text",
        "created_by text",
        "created_at timestamptz",
        "version integer",
        "removed_at timestamptz",
        "removed_by text",
        "removal_reason text",
    ),
)


def _insert(sql: str) -> Statement:
    return statement(text(sql).bindparams(OWN))


_USERS = _insert(
    "INSERT INTO user_account (institution_code, id, primary_id, primary_id_key, first_name, "
    "last_name, name_key, first_name_key, user_group_id, status, expires_on, created_at) "
    "SELECT :institution, id, primary_id, lower(primary_id), first_name, last_name, name_key, "
    "first_name_key, user_group_id, status, expires_on, created_at FROM staged_user"
)
_IDENTIFIERS = _insert(
    "INSERT INTO user_identifier (institution_code, id, user_id, type_code, value, value_key) "
    "SELECT :institution, identifier_id, id, 'BARCODE', barcode, lower(barcode) FROM staged_user"
)
_BLOCKS = _insert(
    "INSERT INTO user_block (institution_code, id, user_id, description_id, block_type, status, "
    "expires_at, staff_note, origin, created_by, created_at, version, removed_at, removed_by, "
    "removal_reason) SELECT :institution, id, user_id, description_id, block_type, status, "
    "expires_at, staff_note, 'STAFF', created_by, created_at, version, removed_at, removed_by, "
    "removal_reason FROM staged_block"
)


def make_staging(db: WriteDb) -> None:
    """Make the staging tables, for this transaction only."""
    connection = db.connection_in_transaction()
    for staging in (STAGED_USER, STAGED_BLOCK):
        columns = ", ".join(staging.columns)
        sql = f"CREATE TEMP TABLE {staging.name} ({columns}) ON COMMIT DROP"
        connection.execute(sql.encode(), prepare=False)


def copy_lines(db: WriteDb, staging: Staging, lines: Sequence[str]) -> None:
    """Send lines to a staging table."""
    cursor = db.connection_in_transaction().cursor()
    with cursor, cursor.copy(f"COPY {staging.name} FROM STDIN".encode()) as copy:
        copy.write("".join(lines))


def insert_staged(db: WriteDb) -> int:
    """Insert what was staged, and empty the staging tables; how many rows came into being."""
    count = db.execute(_USERS) + db.execute(_IDENTIFIERS) + db.execute(_BLOCKS)
    connection = db.connection_in_transaction()
    connection.execute("TRUNCATE staged_user, staged_block", prepare=False)
    return count
