"""Append-only history: events that stay, values that only the one eraser may take out."""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0005_history"
down_revision = "0004_user_blocks"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    for table in ("history_event", "history_value"):
        belongs_to_institution(table, commands="SELECT INSERT")
    belongs_to_institution("history_erasure", commands="SELECT")
    own = "institution_code = nullif(current_setting('app.institution', true), '')"
    op.execute(f"CREATE POLICY history_value_delete ON history_value FOR DELETE USING ({own})")
    op.execute(
        f"CREATE POLICY history_erasure_insert ON history_erasure FOR INSERT WITH CHECK ({own})"
    )
    op.execute(ERASER)
    op.execute("REVOKE ALL ON FUNCTION erase_history_values(uuid, text, text) FROM PUBLIC")
    op.execute(
        "GRANT EXECUTE ON FUNCTION erase_history_values(uuid, text, text)"
        " TO portcullis_app, portcullis_worker"
    )


TABLES = """
CREATE TABLE history_event (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  channel text COLLATE "C" NOT NULL CONSTRAINT history_event_channel_known CHECK (channel IN (
    'STAFF', 'PATRON', 'JOB', 'IMPORT', 'API', 'REFRESH', 'SYSTEM')),
  deed text COLLATE "C" NOT NULL,
  record_type text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  user_id uuid,
  fields text[] NOT NULL,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (institution_code, id)
);

CREATE INDEX history_event_by_user ON history_event (institution_code, user_id, seq)
  WHERE user_id IS NOT NULL;

CREATE INDEX history_event_by_record
  ON history_event (institution_code, record_type, record_id, seq);

CREATE TABLE history_value (
  institution_code text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  before jsonb,
  after jsonb,
  PRIMARY KEY (institution_code, event_id),
  FOREIGN KEY (institution_code, event_id) REFERENCES history_event (institution_code, id)
);

CREATE TABLE history_erasure (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  user_id uuid NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  erased_values integer NOT NULL,
  PRIMARY KEY (institution_code, id)
)"""

ERASER = """
CREATE FUNCTION erase_history_values(erased_user uuid, erased_by text, why text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  own text := nullif(current_setting('app.institution', true), '');
  erased integer;
BEGIN
  DELETE FROM history_value v USING history_event e
    WHERE v.institution_code = own AND e.institution_code = own
      AND e.id = v.event_id AND e.user_id = erased_user;
  GET DIAGNOSTICS erased = ROW_COUNT;
  INSERT INTO history_erasure (institution_code, id, at, user_id, actor, reason, erased_values)
    VALUES (own, uuid_v7(), now(), erased_user, erased_by, why, erased);
  RETURN erased;
END $$
"""
