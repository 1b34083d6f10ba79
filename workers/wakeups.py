"""Wakes workers from inside a command: with the PostgreSQL broker in its very transaction."""

from uuid import UUID

from dramatiq_postgres import PostgresBroker

from rules.job_reports import JobKind
from storage.handles import WriteDb
from workers.broker import Wakeup, message_for


class TransactionalWakeups:
    """The message is a row of the command's transaction: both are there, or neither."""

    def wake(self, db: WriteDb, kind: JobKind, report_id: UUID) -> None:
        """Enqueue on the connection of the transaction, which has begun."""
        code = str(db.institution_code)
        broker = PostgresBroker(
            pool=_OneConnection(db.connection_in_transaction()),
            results=False,
            middleware=[],
            listen=False,
        )
        broker.enqueue(message_for(kind, Wakeup(institution_code=code, report_id=report_id)))


class _OneConnection:
    """A pool, as the broker sees it, that hands out the connection of one transaction."""

    def __init__(self, connection: object) -> None:
        self._connection = connection

    def getconn(self) -> object:
        return self._connection

    def putconn(self, connection: object) -> None:
        """The scope gives the connection back, not the broker."""
