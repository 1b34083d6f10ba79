"""What a database server and a login must be before a process works with them: a server with
the fixes for row-level security, and a login that policies hold."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import psycopg

OLDEST_MAJOR = 15

# The August 2025 releases repaired row-level security (among others CVE-2025-8713); a major
# release that is not listed came out after them.
OLDEST_MINORS: Mapping[int, int] = MappingProxyType({15: 14, 16: 10, 17: 6})


class StartRefused(Exception):
    """A process does not start; the sentence says why and what to do, and is all that is shown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_server(connection: psycopg.Connection[Any]) -> None:
    """Refuses a server that is too old, or that lacks the row-level security fixes."""
    refusal = refusal_of_version(connection.info.server_version)
    if refusal is not None:
        raise StartRefused(refusal)


def refusal_of_version(version: int) -> str | None:
    """The sentence against a server of this `server_version_num`, None when there is none.

    >>> refusal_of_version(150014) is None
    True
    >>> refusal_of_version(170005)
    'The database server is PostgreSQL 17.5, which lacks security fixes for row-level security: \
update it to 17.6 or newer.'
    """
    major, minor = divmod(version, 10_000)
    if major < OLDEST_MAJOR:
        old = f"{major}.{minor // 100}" if major < 10 else f"{major}.{minor}"
        return (
            f"The database server is PostgreSQL {old}, which is too old: "
            f"use PostgreSQL {OLDEST_MAJOR} or newer."
        )
    oldest = OLDEST_MINORS.get(major, 0)
    if minor < oldest:
        return (
            f"The database server is PostgreSQL {major}.{minor}, which lacks security fixes for "
            f"row-level security: update it to {major}.{oldest} or newer."
        )
    return None


# What the login may become by SET ROLE counts like what it is: a policy holds neither.
_POWERS = """
SELECT r.rolname = current_user AS itself, r.rolname, r.rolsuper, r.rolbypassrls,
       r.rolcreaterole, r.rolreplication
  FROM pg_catalog.pg_roles r
 WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
   AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication)
 ORDER BY itself DESC, r.rolname
 LIMIT 1
"""

_OWNED = """
SELECT c.relname
  FROM pg_catalog.pg_class c
 WHERE c.relnamespace = 'public'::regnamespace
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER')
 ORDER BY c.relname
 LIMIT 1
"""


def check_login(connection: psycopg.Connection[Any]) -> None:
    """Refuses a login that row-level security does not hold, by itself or by membership."""
    refusal = _refusal_of_powers(connection) or _refusal_of_ownership(connection)
    if refusal is not None:
        raise StartRefused(refusal)


def _refusal_of_powers(connection: psycopg.Connection[Any]) -> str | None:
    found = connection.execute(_POWERS).fetchone()
    if found is None:
        return None
    itself, role, superuser, bypasses, creates_roles, _ = found
    if superuser:
        power = "is a superuser"
    elif bypasses:
        power = "bypasses row-level security"
    elif creates_roles:
        power = "may create roles"
    else:
        power = "may replicate the whole server"
    who = _login(connection)
    claim = f"{who} {power}" if itself else f"{who} may become {role!r}, which {power}"
    return f"{claim}: use the login that the migration made for this process."


def _refusal_of_ownership(connection: psycopg.Connection[Any]) -> str | None:
    found = connection.execute(_OWNED).fetchone()
    if found is None:
        return None
    return (
        f"{_login(connection)} owns the table {found[0]!r}, or may act as its owner: "
        "use the login that the migration made for this process."
    )


def _login(connection: psycopg.Connection[Any]) -> str:
    return f"The database login {connection.info.user!r}"
