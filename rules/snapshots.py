"""Records as the history keeps them: flat mappings of plain values, ready for JSON."""

from collections.abc import Iterable
from datetime import datetime

from rules.roles import PermissionGrant, RoleGrant
from rules.user_blocks import AccountBlock, UserBlock
from rules.users import User, UserIdentifier, UserNote


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


def account_block_snapshot(block: AccountBlock) -> dict[str, object]:
    """The hard block of an account."""
    return {
        "comment": block.comment,
        "blocked_by": block.blocked_by,
        "blocked_at": _instant(block.blocked_at),
        "version": block.version,
    }


def note_snapshot(note: UserNote) -> dict[str, object]:
    """A note about a user."""
    return {
        "text": note.text,
        "is_patron_visible": note.is_patron_visible,
        "is_popup": note.is_popup,
        "created_by": note.created_by,
        "created_at": _instant(note.created_at),
        "version": note.version,
    }


def user_snapshot(user: User, identifiers: Iterable[UserIdentifier]) -> dict[str, object]:
    """A user's account, with the identifiers beside the primary one.

    >>> from rules.specimens import READER
    >>> user_snapshot(READER, [UserIdentifier(type_code="BARCODE", value="7")])["identifiers"]
    [['BARCODE', '7']]
    """
    return {
        "primary_id": user.primary_id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "user_group_id": None if user.group is None else str(user.group.id),
        "user_group_code": None if user.group is None else user.group.code,
        "record_type": user.record_type.value,
        "account_type": user.account_type.value,
        "status": user.status.value,
        "expires_on": None if user.expires_on is None else user.expires_on.isoformat(),
        "preferred_language": user.preferred_language,
        "identifiers": [[one.type_code, one.value] for one in identifiers],
        "version": user.version,
    }


def role_snapshot(grant: RoleGrant) -> dict[str, object]:
    """A role of a user; a role without a library counts at the whole institution."""
    return {
        "role": grant.role.value,
        "library_code": grant.library_code,
        "expires_at": _instant(grant.expires_at),
    }


def permission_snapshot(grant: PermissionGrant) -> dict[str, object]:
    """A permission that was given to a role or to a person."""
    return {
        "permission": grant.permission.value,
        "role": None if grant.role is None else grant.role.value,
        "user_id": None if grant.user_id is None else str(grant.user_id),
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
