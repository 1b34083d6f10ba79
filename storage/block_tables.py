"""The block tables of an institution are changed by one person at a time."""

from sqlalchemy import Text, func, literal, select

from storage.handles import WriteDb
from storage.statements import OWN, statement

_HOLD = statement(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(literal("block tables of ", Text()).concat(OWN), 0)
        )
    )
)


def hold_block_tables(db: WriteDb) -> None:
    """Wait until nobody else is changing descriptions, definitions, blocked-action codes or
    preferences of this institution, and keep others waiting until the transaction ends: what is
    read after this stays true. The tables name one another, so one lock serves all four. Blocks
    on users are added without it; see `definition_for_block`."""
    db.value(_HOLD)
