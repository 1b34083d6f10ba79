"""Policies and grants by which a table belongs to one institution, or to the network.

Landed migrations call these functions, so what they write never changes; a new kind of table
gets a new function.
"""

from alembic import op

LOGINS = "portcullis_app, portcullis_worker"
OWN = "institution_code = nullif(current_setting('app.institution', true), '')"
NETWORK = "nullif(current_setting('app.realm', true), '') = 'network'"


def belongs_to_institution(table: str, *, commands: str = "SELECT INSERT UPDATE DELETE") -> None:
    """One permissive policy per command, for the rows of the current institution only."""
    _secure(table)
    for command in commands.split():
        _policy(table, command, OWN)
        op.execute(f"GRANT {command} ON {table} TO {LOGINS}")


def belongs_to_network(table: str, *, visible_to_institution: str) -> None:
    """The network's own table: read and written in a network scope, and read by the
    institutions for which the given condition holds."""
    _secure(table)
    _policy(table, "SELECT", f"({NETWORK}) OR ({visible_to_institution})")
    for command in ("INSERT", "UPDATE", "DELETE"):
        _policy(table, command, NETWORK)
    op.execute(f"GRANT SELECT ON {table} TO {LOGINS}")


def _secure(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _policy(table: str, command: str, condition: str) -> None:
    using = f" USING ({condition})" if command != "INSERT" else ""
    check = f" WITH CHECK ({condition})" if command in {"INSERT", "UPDATE"} else ""
    op.execute(f"CREATE POLICY {table}_{command.lower()} ON {table} FOR {command}{using}{check}")
