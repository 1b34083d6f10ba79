"""The tables as SQLAlchemy Core sees them, and the three kinds they fall into.

The migrations are the truth about constraints and policies; here stand only the columns that
statements name. A test compares both, and fails for a table that is on none of the lists.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_KINDS: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "text[]": ARRAY(Text()),
    "uuid": Uuid(),
    "boolean": Boolean(),
    "integer": Integer(),
    "bigint": BigInteger(),
    "timestamptz": DateTime(timezone=True),
    "date": Date(),
    "jsonb": JSONB(),
    "bytea": LargeBinary(),
}


def _table(name: str, columns: str) -> Table:
    """A table from its columns as the migration writes them: name and type, by commas."""
    pairs = (column.split() for column in columns.split(","))
    return Table(name, metadata, *(Column(key, _KINDS[kind]) for key, kind in pairs))


institution = _table(
    "institution",
    """
    institution_code text, name text, time_zone text, currency text, languages text[],
    version integer
    """,
)

issuer = _table(
    "issuer",
    """
    url text, audience text, jwks_url text, static_keys jsonb, is_network boolean,
    roles_from text, algorithms text[], user_id_claim text
    """,
)

issuer_institution = _table(
    "issuer_institution",
    """
    issuer_url text, institution_code text
    """,
)

library = _table(
    "library",
    """
    institution_code text, id uuid, code text, name text, time_zone text
    """,
)

circulation_desk = _table(
    "circulation_desk",
    """
    institution_code text, id uuid, library_id uuid, code text, name text
    """,
)

api_token = _table(
    "api_token",
    """
    institution_code text, id uuid, name text, secret_hash bytea, grants jsonb, created_by
    text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
    last_used_at timestamptz
    """,
)

user_group = _table(
    "user_group",
    """
    institution_code text, id uuid, code text, name text
    """,
)

user_account = _table(
    "user_account",
    """
    institution_code text, id uuid, primary_id text, primary_id_key text, first_name text,
    last_name text, name_key text, first_name_key text, user_group_id uuid, record_type
    text, account_type text, status text, expires_on date, preferred_language text,
    created_at timestamptz, version integer
    """,
)

user_identifier = _table(
    "user_identifier",
    """
    institution_code text, id uuid, user_id uuid, type_code text, value text, value_key text
    """,
)

user_role = _table(
    "user_role",
    """
    institution_code text, id uuid, user_id uuid, role text, library_id uuid, expires_at
    timestamptz
    """,
)

permission_grant = _table(
    "permission_grant",
    """
    institution_code text, id uuid, permission text, role text, user_id uuid
    """,
)

user_note = _table(
    "user_note",
    """
    institution_code text, id uuid, user_id uuid, note text, is_patron_visible boolean,
    is_popup boolean, created_by text, created_at timestamptz, version integer
    """,
)

blocked_action_code = _table(
    "blocked_action_code",
    """
    institution_code text, id uuid, code text, name text, actions text[], version integer
    """,
)

block_description = _table(
    "block_description",
    """
    institution_code text, id uuid, code text, text text, is_enabled boolean, is_default
    boolean, position integer, version integer
    """,
)

block_definition = _table(
    "block_definition",
    """
    institution_code text, id uuid, row_id text, description_id uuid, description_code text,
    blocked_action_code_id uuid, block_type text, overridable text, is_network_block
    boolean, version integer
    """,
)

block_preference = _table(
    "block_preference",
    """
    institution_code text, id uuid, reason text, actions text[], overridable text, version
    integer
    """,
)

user_block = _table(
    "user_block",
    """
    institution_code text, id uuid, user_id uuid, description_id uuid, block_type text,
    status text, expires_at timestamptz, staff_note text, patron_text text, origin text,
    segment text, created_by text, created_at timestamptz, version integer, removed_at
    timestamptz, removed_by text, removal_reason text, live_description_id uuid,
    defined_description_id uuid
    """,
)

account_block = _table(
    "account_block",
    """
    institution_code text, id uuid, user_id uuid, comment text, blocked_by text, blocked_at
    timestamptz, version integer
    """,
)

history_event = _table(
    "history_event",
    """
    institution_code text, id uuid, at timestamptz, actor text, channel text, deed text,
    record_type text, record_id uuid, user_id uuid, fields text[], seq bigint
    """,
)

history_value = _table(
    "history_value",
    """
    institution_code text, event_id uuid, before jsonb, after jsonb
    """,
)

history_erasure = _table(
    "history_erasure",
    """
    institution_code text, id uuid, at timestamptz, user_id uuid, actor text, reason text,
    erased_values integer
    """,
)

gate_pass = _table(
    "gate_pass",
    """
    institution_code text, id uuid, user_id uuid, action text, item_barcode text, desk_id
    uuid, issued_to text, issued_at timestamptz, expires_at timestamptz, rests_on jsonb,
    consumed_at timestamptz, consumed_by text
    """,
)

override_event = _table(
    "override_event",
    """
    institution_code text, id uuid, at timestamptz, outcome text, refusal text, operator
    text, roles text[], desk_id uuid, library_id uuid, user_id uuid, action text,
    item_barcode text, reasons jsonb, why text, pass_id uuid
    """,
)

job_report = _table(
    "job_report",
    """
    institution_code text, id uuid, kind text, status text, requested_by text, requested_at
    timestamptz, scheduled_on date, lease integer, leased_until timestamptz, started_at
    timestamptz, ended_at timestamptz, examined integer, removed integer, failed integer,
    failure text
    """,
)

job_record = _table(
    "job_record",
    """
    institution_code text, id uuid, report_id uuid, counter text, record_type text,
    record_id uuid
    """,
)

upload = _table(
    "upload",
    """
    institution_code text, id uuid, uploaded_by text, uploaded_at timestamptz, file_name
    text, content bytea
    """,
)


NETWORK_TABLES = frozenset({"institution", "issuer", "issuer_institution"})
"""Rows of the network, with policies by the sides that may see them."""

MACHINERY_SCHEMAS = frozenset({"dramatiq", "machinery"})
"""Schemas whose tables hold no institution's data: the broker's, and counters."""

MACHINERY_TABLES = frozenset({"alembic_version"})

INSTITUTION_TABLES = frozenset(metadata.tables) - NETWORK_TABLES
"""Everything else belongs to one institution each, by its first key column."""
