"""Uploaded files that wait for their mutation, and the shared count of requests."""

from alembic import op

from storage.migrations.isolation import belongs_to_institution

revision = "0008_uploads_and_rates"
down_revision = "0007_jobs"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    belongs_to_institution("upload", commands="SELECT INSERT DELETE")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON machinery.request_rate"
        " TO portcullis_app, portcullis_worker"
    )
    op.execute("GRANT USAGE ON SCHEMA machinery TO portcullis_app, portcullis_worker")


TABLES = """
CREATE TABLE upload (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  uploaded_by text NOT NULL,
  uploaded_at timestamptz NOT NULL,
  file_name text NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (institution_code, id)
);

CREATE SCHEMA machinery;

CREATE UNLOGGED TABLE machinery.request_rate (
  principal_hash bytea NOT NULL,
  minute timestamptz NOT NULL,
  taken integer NOT NULL,
  PRIMARY KEY (principal_hash, minute)
)"""
