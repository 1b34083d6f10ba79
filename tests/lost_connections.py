"""A database that goes away: connections that end in the middle, as when a server restarts."""

import time

import psycopg

from tests.database_server import Database


def end_connections(database: Database, name: str) -> int:
    """End the connections of an application by its name; how many there were."""
    query = (
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = %s"
    )
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(query, [name]).fetchone()
    assert row is not None
    return int(row[0])


def wait_for_a_lock(database: Database, name: str) -> None:
    """Until a connection of the application waits for somebody else's lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = %s AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        for _ in range(400):
            if connection.execute(query, [name]).fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits for a lock.")
