"""How a command leaves its trace: one history event for each record it changed."""

from collections.abc import Mapping
from uuid import UUID

from rules.history import HistoryEvent, HistoryRecordType
from tenancy.scopes import WritingScope


def change(  # noqa: PLR0913  an event has this many parts, each by name
    scope: WritingScope,
    deed: str,
    record_type: HistoryRecordType,
    *,
    record_id: UUID,
    user_id: UUID | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> HistoryEvent:
    """An event of this operation: its person, its channel, its instant."""
    return HistoryEvent(
        id=scope.new_id(),
        at=scope.now,
        actor=scope.principal.label,
        channel=scope.channel,
        deed=deed,
        record_type=record_type,
        record_id=record_id,
        user_id=user_id,
        before=before,
        after=after,
        is_erased=False,
    )
