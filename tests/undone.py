"""A pool whose every transaction is undone at its end, so that many commands can be tried in the
same state. What a commit would check is checked."""

from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from storage.pools import TIMEOUTS
from tenancy.scopes import Pool


class Undoing(Connection[TupleRow]):
    """A connection that takes COMMIT for ROLLBACK."""

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Cursor[TupleRow]:
        if query != "COMMIT":
            return super().execute(query, *arguments, **options)
        super().execute("SET CONSTRAINTS ALL IMMEDIATE", prepare=False)
        return super().execute("ROLLBACK", prepare=False)


def undoing_pool(url: str, *, size: int = 2) -> Pool:
    """Autocommit connections as the service opens them, but for that."""
    return ConnectionPool(
        url,
        connection_class=Undoing,
        min_size=1,
        max_size=size,
        kwargs={"autocommit": True, "options": TIMEOUTS},
        open=True,
    )
