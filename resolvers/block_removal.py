"""Users - Remove Blocks: takes away what has passed its expiry, a bounded batch at a time."""

from rules.job_reports import Hold
from storage import block_removal
from tenancy.scopes import WritingScope


class HoldLost(Exception):
    """Another worker has taken the run; whatever this batch wrote must be undone."""


def remove_expired_batch(scope: WritingScope, hold: Hold, *, size: int) -> int:
    """Remove up to `size` expired blocks with their history, records and counters; how many.
    Raises HoldLost (user-blocks 7: idempotent, safe with two workers)."""
    removed = block_removal.remove_expired_batch(
        scope.db, hold, now=scope.now, actor=scope.principal.label, size=size
    )
    if removed is None:
        raise HoldLost
    return removed
