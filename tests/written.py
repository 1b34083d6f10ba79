"""What an institution's tables hold, for tests that a refused command wrote nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from storage.tables import INSTITUTION_TABLES
from tests.cast import ASHFORD
from tests.database_server import Database

_WHOLE = "SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {} t"


@contextmanager
def nothing_written(database: Database, institution_code: str = ASHFORD) -> Iterator[None]:
    """Fails if any table of the institution is another one afterwards."""
    before = _everything(database, institution_code)
    yield
    assert _everything(database, institution_code) == before


def _everything(database: Database, institution_code: str) -> dict[str, object]:
    return {
        table: database.value(_WHOLE.format(table), institution_code)
        for table in sorted(INSTITUTION_TABLES)
    }
