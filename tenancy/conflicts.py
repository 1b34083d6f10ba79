"""What the database refuses becomes a refusal like any other."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from storage.conflicts import conflict_sentence
from tenancy.refusals import Conflict


@contextmanager
def conflicts_refused() -> Iterator[None]:
    """Raises Conflict where two people did the same at once. The transaction is broken then, and
    whoever opened it goes back to a savepoint or gives it up."""
    try:
        yield
    except psycopg.Error as error:
        sentence = conflict_sentence(error)
        if sentence is None:
            raise
        raise Conflict(sentence) from error
