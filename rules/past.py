"""What stood at a moment, told from the history: the state of each record by its events around
that moment, then the values of the library, then the same gate as today's.

A record without any event counts as it is now, from the instant it was made; a row of the block
tables without any event counts as having always stood. A value that was erased is not guessed at:
what depends on it is UNKNOWN.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.checks import CHECKS, ComputedCheck, Finding
from rules.decisions import decisions_from, reasons_against
from rules.gate import Decision, ReasonCode, Standing
from rules.history import HistoryRecordType
from rules.local_time import end_of_day
from rules.past_records import (
    PastTables,
    Snapshot,
    past_account_block,
    past_block,
    past_tables,
    past_user,
)
from rules.user_blocks import UserBlock
from rules.users import AccountStatus, AccountType, RecordType, User

ENDINGS = (".remove", ".lift", ".delete")
"""How the names of deeds end after which the record no longer stands: that much an event says even
when its values were erased."""


class Unknown(Enum):
    """A state whose values were erased."""

    ERASED = "ERASED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """An event next to the moment: its deed, and the record before and after it."""

    deed: str
    is_erased: bool
    before: Snapshot | None
    after: Snapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One record as seen from a moment: the last event up to it, the first one after it, and how
    it stands now. `made_at` None: nobody noted when it was made."""

    record_id: UUID
    last: Around | None
    following: Around | None
    present: Snapshot | None
    made_at: datetime | None


Traces = Mapping[HistoryRecordType, Sequence[Trace]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStanding:
    """What the gate would have looked at. `lost` says what cannot be known any more; each of its
    checks raises, so that the gate names it and lets it stand against the action."""

    standing: Standing
    lost: tuple[ComputedCheck, ...]


def state_at(trace: Trace, at: datetime) -> Snapshot | Unknown | None:
    """The record at the moment; None: it was not there. The event before says it, else the one
    after, else, where nothing was ever written down, the record itself (user-blocks 9: every
    change is in the history, so what has no event has not changed).

    >>> from datetime import UTC
    >>> added = Around(deed="x.add", is_erased=False, before=None, after={"status": "ACTIVE"})
    >>> state_at(Trace(record_id=UUID(int=1), last=None, following=added, present=None,
    ...                made_at=None), datetime(2026, 1, 1, tzinfo=UTC)) is None
    True
    """
    last, following = trace.last, trace.following
    if last is not None:
        return _after(last, following, trace.present)
    if following is not None:
        if not following.is_erased:
            return following.before
        return None if following.deed.endswith(".add") else Unknown.ERASED
    if trace.made_at is not None and trace.made_at > at:
        return None
    return trace.present


def past_standing(
    user_id: UUID, traces: Traces, *, time_zone: str, at: datetime
) -> PastStanding | None:
    """What the gate would have looked at at the moment; None: the user was not there. Whatever
    cannot be read out of the history any more is named as lost, never left out in silence.

    >>> from datetime import UTC
    >>> past_standing(UUID(int=1), {}, time_zone="UTC", at=datetime(2026, 1, 1, tzinfo=UTC)) is None
    True
    """
    account = traces.get(HistoryRecordType.USER, ())
    state = state_at(account[0], at) if account else None
    if state is None:
        return None
    tables = _tables(traces, at)
    user = _read(state, lambda row: past_user(user_id, row))
    blocks, lost_blocks = _told(
        traces.get(HistoryRecordType.USER_BLOCK, ()),
        at,
        lambda number, row: past_block(number, user_id, row, tables),
    )
    hard_blocks, lost_hard_blocks = _told(
        traces.get(HistoryRecordType.ACCOUNT_BLOCK, ()),
        at,
        lambda number, row: past_account_block(number, user_id, row),
    )
    standing = Standing(
        user=user or _nameless(user_id),
        expires_at=None if user is None else _end_of_account(user, time_zone),
        account_block=hard_blocks[0] if hard_blocks else None,
        blocks=sorted((_as_live(b) for b in blocks if _stands(b, at)), key=lambda b: b.id),
        preferences=tables.preferences,
    )
    lost = (
        *(LOST_ACCOUNT if user is None else ()),
        *([LOST_ACCOUNT_BLOCK] * lost_hard_blocks),
        *([LOST_BLOCK] * lost_blocks),
    )
    return PastStanding(standing=standing, lost=lost)


def lost_check(code: ReasonCode, question: str) -> ComputedCheck:
    """A check of the past that cannot be made: it raises, which the gate counts as unknown.

    >>> lost_check(ReasonCode.USER_BLOCK, "what a block said").code.name
    'USER_BLOCK'
    """
    return ComputedCheck(code=code, question=question, evaluate=_cannot_be_known)


def past_decisions(past: PastStanding, at: datetime) -> tuple[Decision, ...]:
    """What the gate would have answered at the moment, by the same decision function as now.

    >>> from rules.specimens import NOON, STANDING
    >>> unknown = PastStanding(standing=STANDING, lost=LOST_ACCOUNT)
    >>> {decision.verdict.name for decision in past_decisions(unknown, NOON)}
    {'UNKNOWN'}
    """
    codes = {check.code for check in past.lost}
    checks: Sequence[ComputedCheck] = (
        *(check for check in CHECKS if check.code not in codes),
        *past.lost,
    )
    return decisions_from(reasons_against(past.standing, at, checks=checks))


def _tables(traces: Traces, at: datetime) -> PastTables:
    rows: dict[HistoryRecordType, dict[UUID, Snapshot]] = {}
    for kind, found in traces.items():
        states = ((trace.record_id, state_at(trace, at)) for trace in found)
        rows[kind] = {number: row for number, row in states if isinstance(row, Mapping)}
    return past_tables(
        descriptions=rows.get(HistoryRecordType.BLOCK_DESCRIPTION, {}),
        codes=rows.get(HistoryRecordType.BLOCKED_ACTION_CODE, {}),
        definitions=rows.get(HistoryRecordType.BLOCK_DEFINITION, {}),
        preferences=rows.get(HistoryRecordType.BLOCK_PREFERENCE, {}),
    )


T = TypeVar("T")


def _told(
    traces: Sequence[Trace], at: datetime, make: Callable[[UUID, Snapshot], T]
) -> tuple[list[T], int]:
    """The records that stood, and how many of them nobody can tell any more."""
    told: list[T] = []
    lost = 0
    for trace in traces:
        state = state_at(trace, at)
        if state is None:
            continue
        value = _read(state, partial(make, trace.record_id))
        if value is None:
            lost += 1
        else:
            told.append(value)
    return told, lost


def _stands(block: UserBlock, at: datetime) -> bool:
    return block.removal is None or block.removal.removed_at > at


def _as_live(block: UserBlock) -> UserBlock:
    """A block without any event that was removed later still stood."""
    return block if block.removal is None else replace(block, removal=None)


def _end_of_account(user: User, time_zone: str) -> datetime | None:
    return None if user.expires_on is None else end_of_day(user.expires_on, ZoneInfo(time_zone))


def _read(state: Snapshot | Unknown, make: Callable[[Snapshot], T]) -> T | None:
    """The value, or None where its fields are gone, all of them or some."""
    if isinstance(state, Unknown):
        return None
    try:
        return make(state)
    except (KeyError, TypeError, ValueError):
        return None


def _nameless(user_id: UUID) -> User:
    """Stands for an account of which nothing is known; every check of it is among the lost."""
    return User(
        id=user_id,
        primary_id="",
        first_name="",
        last_name="",
        group=None,
        record_type=RecordType.PUBLIC,
        account_type=AccountType.INTERNAL,
        status=AccountStatus.INACTIVE,
        expires_on=None,
        preferred_language=None,
        version=0,
    )


def _after(
    last: Around, following: Around | None, present: Snapshot | None
) -> Snapshot | Unknown | None:
    if not last.is_erased:
        return last.after
    if last.deed.endswith(ENDINGS):
        return None
    # Where nothing has changed since, the record still says what was erased from the history. The
    # event that follows an erasure says nothing about the time before it.
    return present if following is None and present is not None else Unknown.ERASED


def _cannot_be_known(standing: Standing, now: datetime) -> Finding | None:
    del standing, now
    raise LookupError("the values were erased from the history")


LOST_ACCOUNT = tuple(lost_check(check.code, check.question) for check in CHECKS)
"""Instead of the checks of an account whose values were erased."""

LOST_ACCOUNT_BLOCK = lost_check(ReasonCode.ACCOUNT_BLOCKED, "whether the account was blocked")
LOST_BLOCK = lost_check(ReasonCode.USER_BLOCK, "what a block whose history was erased stopped")
