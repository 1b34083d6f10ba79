"""A pool that counts the statements it is sent, for tests that no list costs one for each row."""

from dataclasses import dataclass
from typing import Any, ClassVar

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from storage.pools import TIMEOUTS
from tenancy.scopes import Pool

FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", "SET LOCAL", "SAVEPOINT")
"""What opens and ends a transaction is not counted: it travels along."""


class Counting(Connection[TupleRow]):
    """A connection that counts what it executes."""

    counter: ClassVar["Statements"]

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Cursor[TupleRow]:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if not text.startswith(FRAMES):
            self.counter.count += 1
        return super().execute(query, *arguments, **options)


@dataclass(slots=True)
class Statements:
    """How many statements were sent since it was last set to nought."""

    count: int = 0


def counting_pool(url: str) -> tuple[Pool, Statements]:
    """One autocommit connection as the service opens it, and what it counts."""
    counter = Statements()
    counted = type("Counted", (Counting,), {"counter": counter})
    pool: Pool = ConnectionPool(
        url,
        connection_class=counted,
        min_size=1,
        max_size=1,
        kwargs={"autocommit": True, "options": TIMEOUTS},
        open=True,
    )
    return pool, counter
