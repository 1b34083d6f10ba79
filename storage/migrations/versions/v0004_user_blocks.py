"""Blocks on users, and the hard block of an account.

Two generated columns keep the block tables whole: a description cannot be deleted while a live
block names it, nor a definition while a live block that was not imported rests on it.
"""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0004_user_blocks"
down_revision = "0003_block_tables"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("user_block", "account_block"):
        belongs_to_institution(table)


TABLES = """
CREATE TABLE user_block (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  description_id uuid NOT NULL,
  block_type text COLLATE "C" NOT NULL CONSTRAINT user_block_type_known CHECK (block_type IN (
    'CASH', 'CONSORTIAL', 'DEMERIT', 'GENERAL', 'LOAN', 'RESOURCE_SHARING', 'USER')),
  status text COLLATE "C" NOT NULL DEFAULT 'ACTIVE'
    CONSTRAINT user_block_status_known CHECK (status IN ('ACTIVE', 'INACTIVE')),
  expires_at timestamptz,
  staff_note text CONSTRAINT user_block_staff_note_length CHECK (length(staff_note) <= 4000),
  patron_text text CONSTRAINT user_block_patron_text_length CHECK (length(patron_text) <= 4000),
  origin text COLLATE "C" NOT NULL CONSTRAINT user_block_origin_known CHECK (origin IN (
    'STAFF', 'IMPORT', 'OVERDUE_JOB', 'RETURN', 'DEMERIT', 'COPY')),
  segment text COLLATE "C" NOT NULL DEFAULT 'INTERNAL'
    CONSTRAINT user_block_segment_known CHECK (segment IN ('INTERNAL', 'EXTERNAL')),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  removed_at timestamptz,
  removed_by text,
  removal_reason text CONSTRAINT user_block_removal_reason_length
    CHECK (length(removal_reason) BETWEEN 1 AND 1000),
  live_description_id uuid GENERATED ALWAYS AS (
    CASE WHEN removed_at IS NULL THEN description_id END) STORED,
  defined_description_id uuid GENERATED ALWAYS AS (
    CASE WHEN removed_at IS NULL AND origin <> 'IMPORT' THEN description_id END) STORED,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT user_block_expires_after_it_was_made CHECK (expires_at > created_at),
  CONSTRAINT user_block_removal_is_whole CHECK (
    num_nulls(removed_at, removed_by, removal_reason) IN (0, 3)),
  CONSTRAINT user_block_user_exists
    FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE,
  CONSTRAINT user_block_description_stays
    FOREIGN KEY (institution_code, live_description_id)
    REFERENCES block_description (institution_code, id),
  CONSTRAINT user_block_definition_stays
    FOREIGN KEY (institution_code, defined_description_id)
    REFERENCES block_definition (institution_code, description_id)
);

CREATE INDEX user_block_live_by_user ON user_block (institution_code, user_id)
  WHERE removed_at IS NULL;

CREATE INDEX user_block_removed_by_user ON user_block (institution_code, user_id, removed_at)
  WHERE removed_at IS NOT NULL;

CREATE INDEX user_block_live_by_expiry ON user_block (institution_code, expires_at, id)
  WHERE removed_at IS NULL AND expires_at IS NOT NULL;

CREATE INDEX user_block_live_by_age ON user_block (institution_code, created_at, id)
  WHERE removed_at IS NULL;

CREATE INDEX user_block_live_by_description ON user_block (institution_code, live_description_id)
  WHERE removed_at IS NULL;

CREATE TABLE account_block (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  comment text NOT NULL
    CONSTRAINT account_block_comment_length CHECK (length(comment) BETWEEN 1 AND 4000),
  blocked_by text NOT NULL,
  blocked_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT account_block_at_most_one_a_user UNIQUE (institution_code, user_id),
  CONSTRAINT account_block_user_exists
    FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE
)"""
