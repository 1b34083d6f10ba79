"""What the catalogue must say of every table, index, key, function and right, so that no policy
can be walked around."""

import pytest

from storage.tables import INSTITUTION_TABLES, NETWORK_TABLES
from tests.cast import ASHFORD
from tests.database_server import Database
from tests.isolation.logins import LOGINS

SECURED = sorted(INSTITUTION_TABLES | NETWORK_TABLES)
EACH_COMMAND = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}

DEFINER_FUNCTIONS = {"erase_history_values"}
"""Functions that run with the owner's rights, each written so that it asks for the institution."""


@pytest.mark.parametrize("table", SECURED)
def test_row_level_security_is_enabled_and_forced(database: Database, table: str) -> None:
    found = database.rows(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %(table)s::regclass",
        ASHFORD,
        table=table,
    )
    assert found == [(True, True)]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("table", SECURED)
def test_each_granted_command_has_exactly_one_permissive_policy(
    database: Database, table: str, login: str
) -> None:
    policies = database.rows(
        "SELECT polcmd::text, count(*), bool_and(polroles = '{0}') FROM pg_policy"
        " WHERE polrelid = %(table)s::regclass AND polpermissive GROUP BY polcmd",
        ASHFORD,
        table=table,
    )
    counts = {command: count for command, count, _ in policies}
    assert all(for_everyone for _, _, for_everyone in policies)
    assert "*" not in counts, "a policy for all commands stands beside those for each"
    assert set(counts.values()) == {1}
    granted = database.rows(
        "SELECT command FROM unnest(%(commands)s::text[]) command WHERE"
        " has_table_privilege(%(login)s, %(table)s, command)"
        " OR (command <> 'DELETE' AND has_any_column_privilege(%(login)s, %(table)s, command))",
        ASHFORD,
        table=table,
        login=login,
        commands=list(EACH_COMMAND),
    )
    assert {EACH_COMMAND[command] for (command,) in granted} <= counts.keys()


def test_policies_ask_only_for_a_setting(database: Database) -> None:
    """No subselect and no function but those that read the setting: neither would reach an index,
    nor a distributed engine."""
    policies = database.rows(
        "SELECT DISTINCT coalesce(pg_get_expr(polqual, polrelid), '') || ' ' ||"
        " coalesce(pg_get_expr(polwithcheck, polrelid), '') FROM pg_policy",
        ASHFORD,
    )
    for (text,) in policies:
        assert "SELECT" not in text.upper()
        called = text.replace("NULLIF(current_setting('app.institution'::text, true)", "").replace(
            "NULLIF(current_setting('app.realm'::text, true)", ""
        )
        assert "current_setting" not in called


def test_no_login_may_more_than_read_and_write_rows(database: Database) -> None:
    """TRUNCATE and foreign keys pass policies by, a trigger runs in other people's statements."""
    granted = database.rows(
        "SELECT c.relname, g.privilege_type FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g"
        " WHERE n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"
        " AND g.grantee <> c.relowner"
        " AND g.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')",
        ASHFORD,
    )
    assert granted == []


def test_nothing_of_ours_is_granted_to_everyone(database: Database) -> None:
    tables = database.rows(
        "SELECT c.relname, g.privilege_type FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g"
        " WHERE n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"
        " AND g.grantee = 0",
        ASHFORD,
    )
    columns = database.rows(
        "SELECT a.attrelid::regclass, a.attname FROM pg_attribute a, aclexplode(a.attacl) g"
        " WHERE g.grantee = 0 AND a.attrelid >= 16384",
        ASHFORD,
    )
    assert tables + columns == []


@pytest.mark.parametrize("login", LOGINS)
def test_the_logins_are_held_by_policies(database: Database, login: str) -> None:
    powers = database.rows(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
        " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)"
        " FROM pg_roles r WHERE rolname = %(login)s",
        ASHFORD,
        login=login,
    )
    assert powers == [(False, False, False, False, False, 0)]
    owned = database.rows(
        "SELECT relname FROM pg_class WHERE relowner = %(login)s::regrole", ASHFORD, login=login
    )
    assert owned == []
    may_create = database.rows(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%(login)s, oid, 'CREATE')"
        " AND nspname NOT LIKE 'pg\\_%%'",
        ASHFORD,
        login=login,
    )
    assert may_create == []


def test_every_unique_index_leads_with_the_institution(database: Database) -> None:
    """Any other would tell a stranger by its violation which keys there are."""
    leading = database.rows(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i"
        " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indisunique AND i.indrelid::regclass::text = ANY(%(tables)s)",
        ASHFORD,
        tables=sorted(INSTITUTION_TABLES),
    )
    assert leading
    assert [index for index, column in leading if column != "institution_code"] == []


def test_every_index_of_an_institutions_table_leads_with_the_institution(
    database: Database,
) -> None:
    leading = database.rows(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i"
        " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid::regclass::text = ANY(%(tables)s)",
        ASHFORD,
        tables=sorted(INSTITUTION_TABLES),
    )
    assert [index for index, column in leading if column != "institution_code"] == []


def test_no_foreign_key_crosses_institutions(database: Database) -> None:
    """Checks of foreign keys pass policies by: each pairs the institution with itself."""
    keys = database.rows(
        "SELECT k.conname, k.confrelid::regclass::text, k.confdeltype::text,"
        " exists(SELECT FROM unnest(k.conkey, k.confkey) pair(here, there)"
        "   JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = here"
        "   JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = there"
        "   WHERE a.attname = 'institution_code' AND b.attname = 'institution_code')"
        " FROM pg_constraint k WHERE k.contype = 'f'"
        " AND k.conrelid::regclass::text = ANY(%(tables)s)",
        ASHFORD,
        tables=sorted(INSTITUTION_TABLES),
    )
    assert keys
    assert [name for name, _, _, is_paired in keys if not is_paired] == []
    assert {target for _, target, _, _ in keys} <= INSTITUTION_TABLES | {"institution"}
    # SET NULL (n) or SET DEFAULT (d) would empty the institution too.
    assert {name for name, _, on_delete, _ in keys if on_delete in {"n", "d"}} == set()


def test_no_trigger_stands_on_a_table_of_an_institution(database: Database) -> None:
    triggers = database.rows(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgrelid::regclass::text = ANY(%(tables)s)",
        ASHFORD,
        tables=SECURED,
    )
    assert triggers == []


def test_there_are_no_views(database: Database) -> None:
    views = database.rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('v', 'm') AND n.nspname NOT LIKE 'pg\\_%%'"
        " AND n.nspname <> 'information_schema'",
        ASHFORD,
    )
    assert views == []


def test_only_the_eraser_runs_with_the_owners_rights(database: Database) -> None:
    functions = database.rows(
        "SELECT p.proname, p.proconfig IS NOT NULL,"
        " exists(SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g"
        "   WHERE g.grantee = 0)"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname NOT LIKE 'pg\\_%%'",
        ASHFORD,
    )
    assert {name for name, _, _ in functions} == DEFINER_FUNCTIONS
    assert all(fixes_its_path for _, fixes_its_path, _ in functions)
    assert not any(for_everyone for _, _, for_everyone in functions)


def test_no_function_of_ours_claims_to_be_leakproof(database: Database) -> None:
    functions = database.rows(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.proleakproof AND n.nspname NOT LIKE 'pg\\_%%'"
        " AND n.nspname <> 'information_schema'",
        ASHFORD,
    )
    assert functions == []
