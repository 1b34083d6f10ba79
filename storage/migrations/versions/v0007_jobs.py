"""Job reports and the records behind their counters, and the broker's own tables."""

from alembic import op
from dramatiq_postgres.schema import generate_init_sql

from storage.migrations.isolation import belongs_to_institution

revision = "0007_jobs"
down_revision = "0006_passes"


def upgrade() -> None:
    for statement in TABLES.split(";\n\n"):
        op.execute(statement)
    belongs_to_institution("job_report")
    belongs_to_institution("job_record", commands="SELECT INSERT")
    op.get_bind().exec_driver_sql(generate_init_sql())
    op.execute("GRANT USAGE ON SCHEMA dramatiq TO portcullis_app, portcullis_worker")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dramatiq TO portcullis_worker"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON dramatiq.queue TO portcullis_app")


TABLES = """
CREATE TABLE job_report (
  institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
  id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL CONSTRAINT job_report_status_known
    CHECK (status IN ('REQUESTED', 'RUNNING', 'COMPLETED', 'FAILED')),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  scheduled_on date,
  lease integer NOT NULL DEFAULT 0,
  leased_until timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  examined integer NOT NULL DEFAULT 0,
  removed integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  failure text,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT job_report_once_a_day UNIQUE (institution_code, kind, scheduled_on)
);

CREATE INDEX job_report_by_time ON job_report (institution_code, requested_at, id);

CREATE UNIQUE INDEX job_report_one_of_a_kind_at_a_time ON job_report (institution_code, kind)
  WHERE status IN ('REQUESTED', 'RUNNING');

CREATE TABLE job_record (
  institution_code text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  report_id uuid NOT NULL,
  counter text COLLATE "C" NOT NULL,
  record_type text COLLATE "C" NOT NULL,
  record_id uuid NOT NULL,
  PRIMARY KEY (institution_code, id),
  CONSTRAINT job_record_counted_once UNIQUE (institution_code, report_id, counter, record_id),
  FOREIGN KEY (institution_code, report_id) REFERENCES job_report (institution_code, id)
    ON DELETE CASCADE
)"""
