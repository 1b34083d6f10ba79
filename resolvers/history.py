"""Questions about the past: what happened to a record, and what stood at a moment; and the erasing
of values that may no longer be kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rules.gate import Decision
from rules.history import HistoryEvent, HistoryRecordType
from rules.pages import Page
from rules.past import past_decisions, past_standing
from rules.problems import Problem
from rules.text import NOTE_LIMIT, TextProblem, clean
from rules.user_blocks import UserBlock
from storage import history, history_states, users
from tenancy.refusals import InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope


@dataclass(frozen=True, slots=True, kw_only=True)
class UserThen:
    """A user as things stood at a moment. `lost` names what cannot be known any more."""

    at: datetime
    user_id: UUID
    blocks: tuple[UserBlock, ...]
    decisions: tuple[Decision, ...]
    lost: tuple[str, ...]


def events_page(
    scope: InstitutionScope,
    record_type: HistoryRecordType,
    record_id: UUID,
    *,
    first: int,
    after: tuple[str, ...] | None,
) -> Page[HistoryEvent] | None:
    """What happened to a record, newest first; of a user: everything about that user. None where
    the institution has, and had, no such record."""
    page = history.events_page(
        scope.db, record_type=record_type, record_id=record_id, first=first, after=after
    )
    if page.items or history.is_known(scope.db, record_type, record_id):
        return page
    return None


def event_by_id(scope: InstitutionScope, event_id: UUID) -> HistoryEvent | None:
    """The event of an id at this institution, or None."""
    return history.event_by_id(scope.db, event_id)


def user_as_of(scope: InstitutionScope, user_id: UUID, at: datetime) -> UserThen | None:
    """The blocks and the gate of a user as they stood (issue, History: `asOf`). None where the
    user was not there. Raises InvalidInput for a moment that has not come."""
    _require_past(at, scope.now)
    traces, zone = history_states.user_traces(scope.db, user_id, at)
    tables = history_states.table_traces(scope.db, at)
    past = past_standing(user_id, {**traces, **tables}, time_zone=zone, at=at)
    if past is None:
        return None
    return UserThen(
        at=at,
        user_id=user_id,
        blocks=tuple(past.standing.blocks),
        decisions=past_decisions(past, at),
        lost=tuple(f"It is not known any more {check.question}." for check in past.lost),
    )


def erase_values(scope: WritingScope, user_id: UUID, *, why: str) -> int:
    """Erase the values noted about a user, leaving the events and a record of the erasure; how
    many. Raises NotFound for a user of whom nothing is known, InvalidInput without a reason."""
    reason = clean(why, limit=NOTE_LIMIT, multiline=True)
    if isinstance(reason, TextProblem) or not reason:
        sentence = reason.sentence if isinstance(reason, TextProblem) else "Give a reason."
        raise InvalidInput([Problem(path=("why",), sentence=sentence)])
    if not users.lock_user(scope.db, user_id) and not history.is_known(
        scope.db, HistoryRecordType.USER, user_id
    ):
        raise NotFound("There is no such user.", ["user"])
    return history.erase_values(scope.db, user_id, by=scope.principal.label, why=reason)


def _require_past(at: datetime, now: datetime) -> None:
    sentence = None
    if at.tzinfo is None:
        sentence = "The moment needs a time zone or offset."
    elif at > now:
        sentence = "The moment has not come yet; only the past can be asked for."
    if sentence is not None:
        raise InvalidInput([Problem(path=("at",), sentence=sentence)])
