"""Passes of the gate, and the record of every override, refused ones too."""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0006_passes"
down_revision = "0005_history"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    belongs_to_institution("gate_pass", commands="SELECT INSERT UPDATE")
    belongs_to_institution("override_event", commands="SELECT INSERT")


TABLES = """
CREATE TABLE gate_pass (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  item_barcode text COLLATE "C"
    CONSTRAINT gate_pass_item_barcode_length CHECK (length(item_barcode) BETWEEN 1 AND 100),
  desk_id uuid,
  issued_to text NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  rests_on jsonb NOT NULL,
  consumed_at timestamptz,
  consumed_by text,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT gate_pass_names_its_item
    CHECK (item_barcode IS NOT NULL OR action IN ('HOLD', 'RESOURCE_SHARING')),
  CONSTRAINT gate_pass_expires_after_it_was_issued CHECK (expires_at > issued_at),
  CONSTRAINT gate_pass_consumption_is_whole CHECK (num_nulls(consumed_at, consumed_by) IN (0, 2)),
  FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE,
  FOREIGN KEY (institution_code, desk_id) REFERENCES circulation_desk (institution_code, id)
);

CREATE TABLE override_event (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  outcome text COLLATE "C" NOT NULL CONSTRAINT override_event_outcome_known
    CHECK (outcome IN ('GRANTED', 'REFUSED')),
  refusal text,
  operator text NOT NULL,
  roles text[] NOT NULL,
  desk_id uuid,
  library_id uuid,
  user_id uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  item_barcode text,
  reasons jsonb NOT NULL,
  why text NOT NULL CONSTRAINT override_event_why_length CHECK (length(why) BETWEEN 1 AND 1000),
  pass_id uuid,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT override_event_outcome_is_whole CHECK (
    CASE outcome WHEN 'GRANTED' THEN refusal IS NULL AND pass_id IS NOT NULL
      ELSE refusal IS NOT NULL AND pass_id IS NULL END)
);

CREATE INDEX override_event_by_time ON override_event (institution_code, at, id);

CREATE INDEX override_event_by_user ON override_event (institution_code, user_id, at, id)"""
