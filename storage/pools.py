"""The pool of connections of one process, and the limits every connection carries."""

from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

TIMEOUTS = (
    "-c statement_timeout=30s -c lock_timeout=5s "
    "-c idle_in_transaction_session_timeout=60s -c search_path=public -c timezone=UTC"
)


def open_pool(url: str, *, size: int, name: str) -> ConnectionPool[Connection[TupleRow]]:
    """A pool of autocommit connections: the scope sends BEGIN itself, with the institution."""
    conninfo = make_conninfo(url, application_name=name, options=TIMEOUTS)
    pool = ConnectionPool(
        conninfo,
        min_size=min(2, size),
        max_size=size,
        kwargs={"autocommit": True},
        check=None,
        open=False,
        name=name,
    )
    pool.open(wait=True, timeout=15)
    return pool
