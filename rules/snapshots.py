"""Records as the history keeps them: flat mappings of plain values, ready for JSON."""

from datetime import datetime

from rules.user_blocks import UserBlock


def block_snapshot(block: UserBlock) -> dict[str, object]:
    """Every field of a block that can change or explains it; the id and user stand in the event.

    >>> from rules.specimens import BLOCK
    >>> block_snapshot(BLOCK)["status"]
    'ACTIVE'
    """
    return {
        "description_id": None if block.description is None else str(block.description.id),
        "description_code": None if block.description is None else block.description.code,
        "description_text": None if block.description is None else block.description.text,
        "block_type": block.block_type.value,
        "status": block.status.value,
        "expires_at": _instant(block.expires_at),
        "staff_note": block.staff_note,
        "patron_text": block.patron_text,
        "origin": block.origin.value,
        "segment": block.segment.value,
        "created_by": block.created_by,
        "created_at": _instant(block.created_at),
        "version": block.version,
        "removed_at": block.removal and _instant(block.removal.removed_at),
        "removed_by": block.removal and block.removal.removed_by,
        "removal_reason": block.removal and block.removal.reason,
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
