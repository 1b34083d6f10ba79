"""The handles that queries take: a read-only or a writing transaction of one institution.

A handle is lazy: BEGIN and the institution travel with the first statement, in one pipeline.
A handle that `ends_after_one` statement sends its COMMIT along as well, so that a hot read
costs a single trip; a second statement on it is a mistake and raises.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from storage.statements import INSTITUTION, Statement

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,31}")


class DatabaseAway(Exception):
    """There is no connection to the database, or it was lost on the way. `is_in_doubt`: it was
    lost while a change was being committed, so that nobody knows whether the change was kept."""

    def __init__(self, *, is_in_doubt: bool = False) -> None:
        super().__init__("The database is away.")
        self.is_in_doubt = is_in_doubt


class ReadDb:
    """A read-only transaction, for one institution or (code None) for the network's tables."""

    _begin = "BEGIN READ ONLY"

    def __init__(
        self,
        connection: psycopg.Connection[TupleRow],
        institution_code: str | None,
        *,
        ends_after_one: bool = False,
    ) -> None:
        self._connection = connection
        self._entry = _entry(institution_code)
        self._ends_after_one = ends_after_one
        self._is_begun = False
        self.institution_code = institution_code
        self.statement_count = 0

    def rows(self, statement: Statement, **values: object) -> Sequence[TupleRow]:
        """Every row of a query."""
        return self._run(statement, values).fetchall()

    def row(self, statement: Statement, **values: object) -> TupleRow | None:
        """The only row of a query, or None."""
        return self._run(statement, values).fetchone()

    def value(self, statement: Statement, **values: object) -> object:
        """The first column of the only row, or None."""
        row = self._run(statement, values).fetchone()
        return None if row is None else row[0]

    def commit(self) -> None:
        """End the transaction; a handle that was never used has none."""
        if self._connection.info.transaction_status is not TransactionStatus.IDLE:
            self._connection.execute("COMMIT", prepare=False)

    def rollback(self) -> None:
        """Undo the transaction, whatever state it is in. A lost connection has undone it already;
        that must not hide why the transaction is given up."""
        connection = self._connection
        if connection.closed or connection.info.transaction_status is TransactionStatus.IDLE:
            return
        try:
            connection.execute("ROLLBACK", prepare=False)
        except psycopg.OperationalError:
            connection.close()

    def _run(self, statement: Statement, values: Mapping[str, object]) -> psycopg.Cursor[TupleRow]:
        parameters = self._parameters(statement, values)
        self.statement_count += 1
        if self._is_begun:
            if self._ends_after_one:
                message = "This handle ended after its one statement."
                raise RuntimeError(message)
            return self._connection.execute(statement.text, parameters)
        self._is_begun = True
        with self._connection.pipeline():
            self._connection.execute(self._begin, prepare=False)
            self._connection.execute(self._entry, prepare=False)
            cursor = self._connection.execute(statement.text, parameters)
            if self._ends_after_one:
                self._connection.execute("COMMIT", prepare=False)
        return cursor

    def _parameters(self, statement: Statement, values: Mapping[str, object]) -> dict[str, object]:
        parameters = {**statement.defaults, **values}
        if statement.names_institution:
            parameters[INSTITUTION] = self.institution_code
        return parameters


class WriteDb(ReadDb):
    """A writing transaction of one institution."""

    _begin = "BEGIN"

    def commit(self) -> None:
        """Keep what was written. Raises DatabaseAway in doubt where no answer comes to that."""
        if self._connection.closed:
            raise DatabaseAway
        try:
            super().commit()
        except psycopg.OperationalError as error:
            if self._connection.closed:
                raise DatabaseAway(is_in_doubt=True) from error
            raise

    def execute(self, statement: Statement, **values: object) -> int:
        """Run a change; the number of rows it changed."""
        return self._run(statement, values).rowcount

    def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> None:
        """Run one change for many rows, in one pipeline."""
        parameters = [self._parameters(statement, row) for row in rows]
        if not parameters:
            return
        if not self._is_begun:
            self._begin_now()
        self.statement_count += 1
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.text, parameters)

    def connection_in_transaction(self) -> psycopg.Connection[TupleRow]:
        """The connection itself, begun, for what must join this transaction (the broker)."""
        if not self._is_begun:
            self._begin_now()
        return self._connection

    def savepoint(self) -> None:
        """Remember this point; `undo` returns to the last one."""
        self.connection_in_transaction().execute("SAVEPOINT step", prepare=False)

    def undo(self) -> None:
        """Take back what was written since the last savepoint."""
        self._connection.execute("ROLLBACK TO SAVEPOINT step", prepare=False)

    def _begin_now(self) -> None:
        self._is_begun = True
        self._connection.execute(f"{self._begin}; {self._entry}".encode(), prepare=False)


def is_institution_code(text: str) -> bool:
    """Whether a text has the form of an institution's code; it does not say that one exists."""
    return _CODE.fullmatch(text) is not None


def _entry(institution_code: str | None) -> str:
    """The setting by which policies know the institution: a quoted literal of a checked form,
    since a distributed engine does not hand on what set_config() sets."""
    if institution_code is None:
        return "SET LOCAL app.realm = 'network'"
    if not is_institution_code(institution_code):
        message = "An institution code is upper-case letters and digits."
        raise ValueError(message)
    return f"SET LOCAL app.institution = '{institution_code}'"
