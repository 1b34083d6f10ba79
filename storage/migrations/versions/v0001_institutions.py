"""Institutions, their libraries and desks, who may sign in, and the logins of the service."""

from alembic import op

from storage.migrations.isolation import belongs_to_institution, belongs_to_network

revision = "0001_institutions"
down_revision = None

OWN_ROW = "institution_code = nullif(current_setting('app.institution', true), '')"


def upgrade() -> None:
    op.execute(LOGINS)
    op.execute(UUID_V7)
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    belongs_to_network("institution", visible_to_institution=OWN_ROW)
    belongs_to_network("issuer", visible_to_institution="false")
    belongs_to_network("issuer_institution", visible_to_institution="false")
    op.execute("GRANT UPDATE ON institution TO portcullis_app")
    op.execute("DROP POLICY institution_update ON institution")
    op.execute(
        "CREATE POLICY institution_update ON institution FOR UPDATE "
        f"USING ({OWN_ROW}) WITH CHECK ({OWN_ROW})"
    )
    for table in ("library", "circulation_desk", "api_token"):
        belongs_to_institution(table)


LOGINS = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portcullis_app') THEN
    CREATE ROLE portcullis_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portcullis_worker') THEN
    CREATE ROLE portcullis_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$
"""

UUID_V7 = """
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    overlay(
      set_bit(set_bit(uuid_send(gen_random_uuid()), 52, 1), 53, 1)
      PLACING substring(
        int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    'hex')::uuid
$$
"""

TABLES = """
CREATE TABLE institution (
  institution_code text COLLATE "C" PRIMARY KEY
    CONSTRAINT institution_code_is_upper_case CHECK (institution_code ~ '^[A-Z][A-Z0-9]{1,31}$'),
  name text NOT NULL CONSTRAINT institution_name_length CHECK (length(name) BETWEEN 1 AND 200),
  time_zone text NOT NULL,
  currency text NOT NULL CONSTRAINT institution_currency_is_iso CHECK (currency ~ '^[A-Z]{3}$'),
  languages text[] NOT NULL
    CONSTRAINT institution_has_a_language CHECK (cardinality(languages) >= 1),
  version integer NOT NULL DEFAULT 1
);

CREATE TABLE issuer (
  url text COLLATE "C" PRIMARY KEY,
  audience text NOT NULL,
  jwks_url text,
  static_keys jsonb,
  is_network boolean NOT NULL DEFAULT false,
  roles_from text COLLATE "C" NOT NULL DEFAULT 'RECORDS'
    CONSTRAINT issuer_roles_from_known CHECK (roles_from IN ('CLAIMS', 'RECORDS')),
  algorithms text[] NOT NULL DEFAULT '{ES256}'
    CONSTRAINT issuer_algorithms_known CHECK (algorithms <@ '{ES256,RS256,Ed25519,EdDSA}'),
  user_id_claim text NOT NULL DEFAULT 'sub'
    CONSTRAINT issuer_user_id_claim_length CHECK (length(user_id_claim) BETWEEN 1 AND 100),
  CONSTRAINT issuer_has_keys CHECK (jwks_url IS NOT NULL OR static_keys IS NOT NULL)
);

CREATE TABLE issuer_institution (
  issuer_url text COLLATE "C" NOT NULL REFERENCES issuer (url) ON DELETE CASCADE,
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  PRIMARY KEY (institution_code, issuer_url)
);

CREATE TABLE library (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  code text COLLATE "C" NOT NULL
    CONSTRAINT library_code_length CHECK (length(code) BETWEEN 1 AND 50),
  name text NOT NULL,
  time_zone text,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT library_code_is_unique UNIQUE (institution_code, code)
);

CREATE TABLE circulation_desk (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  library_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL
    CONSTRAINT circulation_desk_code_length CHECK (length(code) BETWEEN 1 AND 50),
  name text NOT NULL,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT circulation_desk_code_is_unique UNIQUE (institution_code, library_id, code),
  FOREIGN KEY (institution_code, library_id) REFERENCES library (institution_code, id)
);

CREATE TABLE api_token (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  name text NOT NULL CONSTRAINT api_token_name_length CHECK (length(name) BETWEEN 1 AND 200),
  secret_hash bytea NOT NULL
    CONSTRAINT api_token_hash_is_sha256 CHECK (octet_length(secret_hash) = 32),
  grants jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (institution_code, id)
)"""
