"""Users of an institution: groups, accounts, identifiers, roles, permissions and notes."""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0002_users"
down_revision = "0001_institutions"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    for table in (
        "user_group",
        "user_account",
        "user_identifier",
        "user_role",
        "permission_grant",
        "user_note",
    ):
        belongs_to_institution(table)


TABLES = """
CREATE TABLE user_group (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  code text COLLATE "C" NOT NULL
    CONSTRAINT user_group_code_length CHECK (length(code) BETWEEN 1 AND 50),
  name text NOT NULL,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT user_group_code_is_unique UNIQUE (institution_code, code)
);

CREATE TABLE user_account (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  primary_id text NOT NULL
    CONSTRAINT user_account_primary_id_length CHECK (length(primary_id) BETWEEN 1 AND 255),
  primary_id_key text COLLATE "C" NOT NULL,
  first_name text NOT NULL DEFAULT '',
  last_name text NOT NULL DEFAULT '',
  name_key text COLLATE "C" NOT NULL,
  first_name_key text COLLATE "C" NOT NULL,
  user_group_id uuid,
  record_type text COLLATE "C" NOT NULL DEFAULT 'PUBLIC'
    CONSTRAINT user_account_record_type_known CHECK (record_type IN ('PUBLIC', 'STAFF', 'CONTACT')),
  account_type text COLLATE "C" NOT NULL DEFAULT 'INTERNAL'
    CONSTRAINT user_account_type_known CHECK (account_type IN ('INTERNAL', 'EXTERNAL')),
  status text COLLATE "C" NOT NULL DEFAULT 'ACTIVE'
    CONSTRAINT user_account_status_known CHECK (status IN ('ACTIVE', 'INACTIVE')),
  expires_on date,
  preferred_language text,
  created_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT user_account_primary_id_is_unique UNIQUE (institution_code, primary_id_key),
  FOREIGN KEY (institution_code, user_group_id) REFERENCES user_group (institution_code, id)
);

CREATE INDEX user_account_by_name ON user_account (institution_code, name_key, id);

CREATE INDEX user_account_by_first_name ON user_account (institution_code, first_name_key, id);

CREATE TABLE user_identifier (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  type_code text COLLATE "C" NOT NULL
    CONSTRAINT user_identifier_type_length CHECK (length(type_code) BETWEEN 1 AND 50),
  value text COLLATE "C" NOT NULL
    CONSTRAINT user_identifier_value_length CHECK (length(value) BETWEEN 1 AND 255),
  value_key text COLLATE "C" NOT NULL,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT user_identifier_is_unique UNIQUE (institution_code, value, type_code),
  FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE
);

CREATE INDEX user_identifier_by_user ON user_identifier (institution_code, user_id);

CREATE INDEX user_identifier_by_key ON user_identifier (institution_code, value_key);

CREATE TABLE user_role (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text COLLATE "C" NOT NULL CONSTRAINT user_role_known CHECK (role IN (
    'CIRCULATION_DESK_OPERATOR_LIMITED', 'CIRCULATION_DESK_OPERATOR', 'CIRCULATION_DESK_MANAGER',
    'FULFILLMENT_SERVICES_OPERATOR', 'FULFILLMENT_ADMINISTRATOR', 'USER_MANAGER',
    'USER_ADMINISTRATOR', 'GENERAL_SYSTEM_ADMINISTRATOR', 'PATRON', 'AUDITOR')),
  library_id uuid,
  expires_at timestamptz,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT user_role_given_once UNIQUE NULLS NOT DISTINCT
    (institution_code, user_id, role, library_id),
  FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE,
  FOREIGN KEY (institution_code, library_id) REFERENCES library (institution_code, id)
);

CREATE TABLE permission_grant (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  permission text COLLATE "C" NOT NULL CONSTRAINT permission_known CHECK (permission IN (
    'BLOCK_PATRON', 'DELETE_PATRON', 'DOWNLOAD_PATRON_DATA', 'SEARCH_BY_NAME')),
  role text COLLATE "C",
  user_id uuid,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT permission_goes_to_a_role_or_a_person CHECK ((role IS NULL) <> (user_id IS NULL)),
  CONSTRAINT permission_given_once UNIQUE NULLS NOT DISTINCT
    (institution_code, permission, role, user_id),
  FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE
);

CREATE TABLE user_note (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  note text NOT NULL CONSTRAINT user_note_length CHECK (length(note) BETWEEN 1 AND 4000),
  is_patron_visible boolean NOT NULL DEFAULT false,
  is_popup boolean NOT NULL DEFAULT false,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (institution_code, id),
  FOREIGN KEY (institution_code, user_id) REFERENCES user_account (institution_code, id)
    ON DELETE CASCADE
);

CREATE INDEX user_note_by_user ON user_note (institution_code, user_id)"""
