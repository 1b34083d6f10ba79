"""The pool of connections of one process, and the limits every connection carries."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from storage.handles import DatabaseAway

TIMEOUTS = (
    "-c statement_timeout=30s -c lock_timeout=5s "
    "-c idle_in_transaction_session_timeout=60s -c search_path=public -c timezone=UTC"
)
CONNECTION_SECONDS = 5
"""How long an operation waits for a connection before it gives up."""


def open_pool(url: str, *, size: int, name: str) -> ConnectionPool[Connection[TupleRow]]:
    """A pool of autocommit connections: the scope sends BEGIN itself, with the institution."""
    conninfo = make_conninfo(url, application_name=name, options=TIMEOUTS)
    pool = ConnectionPool(
        conninfo,
        min_size=min(2, size),
        max_size=size,
        timeout=CONNECTION_SECONDS,
        kwargs={"autocommit": True},
        check=None,
        open=False,
        name=name,
    )
    pool.open(wait=True, timeout=15)
    return pool


@contextmanager
def lent(pool: ConnectionPool[Connection[TupleRow]]) -> Iterator[Connection[TupleRow]]:
    """A connection for as long as it is needed. Raises DatabaseAway where none is to be had in
    time, or where it was lost meanwhile, whatever else that led to."""
    try:
        connection = pool.getconn()
    except PoolTimeout as error:
        raise DatabaseAway from error
    try:
        yield connection
    except DatabaseAway:
        raise
    except Exception as error:
        if connection.closed:
            raise DatabaseAway from error
        raise
    else:
        if connection.closed:
            raise DatabaseAway
    finally:
        pool.putconn(connection)
