"""From a user's record to what the gate looks at."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.gate import Standing
from rules.local_time import end_of_day
from rules.user_records import UserRecord


def standing_of(record: UserRecord) -> Standing:
    """The standing of a user whose blocks, account block and preferences were read. The account
    counts until the end of its last local day (user-blocks 8.6)."""
    if record.blocks is None or record.account_block is None or record.preferences is None:
        message = "The gate needs blocks, account block and preferences."
        raise ValueError(message)
    return Standing(
        user=record.user,
        expires_at=_end_of_account(record),
        account_block=record.account_block[0] if record.account_block else None,
        blocks=record.blocks,
        preferences=record.preferences,
    )


def _end_of_account(record: UserRecord) -> datetime | None:
    """None where there is no end, or none can be told: the check of the expiry then counts as
    unknown, and the other reasons are still found."""
    expires_on = record.user.expires_on
    if expires_on is None:
        return None
    try:
        return end_of_day(expires_on, ZoneInfo(record.time_zone))
    except (ZoneInfoNotFoundError, ValueError, OverflowError):
        return None
