"""The block tables: blocked-action codes, block descriptions and definitions, preferences.

A definition carries the code of its description through the foreign key, so that the database
itself refuses a network block on the row of CONSORTIA, also when a code is renamed to it.
The indexes over lower() see case in ASCII letters only; the rules see it in every script.
"""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0003_block_tables"
down_revision = "0002_users"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    for table in (
        "blocked_action_code",
        "block_description",
        "block_definition",
        "block_preference",
    ):
        belongs_to_institution(table)


TABLES = """
CREATE TABLE blocked_action_code (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  code text COLLATE "C" NOT NULL
    CONSTRAINT blocked_action_code_length CHECK (length(code) BETWEEN 1 AND 50),
  name text NOT NULL,
  actions text[] NOT NULL CONSTRAINT blocked_action_code_stops_something CHECK (
    cardinality(actions) >= 1
    AND actions <@ '{LOAN,RENEW,AUTO_RENEW,HOLD,RESOURCE_SHARING}'),
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT blocked_action_code_is_unique UNIQUE (institution_code, code)
);

CREATE UNIQUE INDEX blocked_action_code_is_unique_in_any_case
  ON blocked_action_code (institution_code, lower(code));

CREATE TABLE block_description (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  code text COLLATE "C" NOT NULL
    CONSTRAINT block_description_code_length CHECK (length(code) BETWEEN 1 AND 50),
  text text NOT NULL
    CONSTRAINT block_description_text_length CHECK (length(text) BETWEEN 1 AND 200),
  is_enabled boolean NOT NULL DEFAULT true,
  is_default boolean NOT NULL DEFAULT false,
  position integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT block_description_code_is_unique UNIQUE (institution_code, code),
  CONSTRAINT block_description_code_travels UNIQUE (institution_code, id, code),
  CONSTRAINT block_description_position_is_unique
    UNIQUE (institution_code, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE UNIQUE INDEX block_description_code_is_unique_in_any_case
  ON block_description (institution_code, lower(code));

CREATE UNIQUE INDEX block_description_at_most_one_default
  ON block_description (institution_code) WHERE is_default;

CREATE TABLE block_definition (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  row_id text COLLATE "C" NOT NULL
    CONSTRAINT block_definition_row_id_length CHECK (length(row_id) BETWEEN 1 AND 50),
  description_id uuid NOT NULL,
  description_code text COLLATE "C" NOT NULL,
  blocked_action_code_id uuid NOT NULL,
  block_type text COLLATE "C" NOT NULL CONSTRAINT block_definition_type_known CHECK (block_type IN (
    'CASH', 'CONSORTIAL', 'DEMERIT', 'GENERAL', 'LOAN', 'RESOURCE_SHARING', 'USER')),
  overridable text COLLATE "C" NOT NULL CONSTRAINT block_definition_overridable_known
    CHECK (overridable IN ('ALL', 'NONE', 'CIRCDESC', 'OPERATOR')),
  is_network_block boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT block_definition_row_id_is_unique UNIQUE (institution_code, row_id),
  CONSTRAINT block_definition_one_per_description UNIQUE (institution_code, description_id),
  CONSTRAINT block_definition_consortia_never_travels
    CHECK (NOT (description_code = 'CONSORTIA' AND is_network_block)),
  CONSTRAINT block_definition_consortia_is_consortial
    CHECK (description_code <> 'CONSORTIA' OR block_type = 'CONSORTIAL'),
  CONSTRAINT block_definition_description_exists
    FOREIGN KEY (institution_code, description_id, description_code)
    REFERENCES block_description (institution_code, id, code) ON UPDATE CASCADE,
  CONSTRAINT block_definition_blocked_action_exists
    FOREIGN KEY (institution_code, blocked_action_code_id)
    REFERENCES blocked_action_code (institution_code, id)
);

CREATE UNIQUE INDEX block_definition_row_id_is_unique_in_any_case
  ON block_definition (institution_code, lower(row_id));

CREATE TABLE block_preference (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  reason text COLLATE "C" NOT NULL,
  actions text[] NOT NULL CONSTRAINT block_preference_actions_known CHECK (
    actions <@ '{LOAN,RENEW,AUTO_RENEW,HOLD,RESOURCE_SHARING}'),
  overridable text COLLATE "C" NOT NULL CONSTRAINT block_preference_overridable_known
    CHECK (overridable IN ('ALL', 'NONE', 'CIRCDESC', 'OPERATOR')),
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT block_preference_one_per_reason UNIQUE (institution_code, reason)
)"""
