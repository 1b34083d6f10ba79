"""The history: who did what to which record, when and how, field by field before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID


class Channel(Enum):
    """The way by which a change came."""

    STAFF = "STAFF"
    PATRON = "PATRON"
    JOB = "JOB"
    IMPORT = "IMPORT"
    API = "API"
    REFRESH = "REFRESH"
    SYSTEM = "SYSTEM"


class HistoryRecordType(Enum):
    """The kind of record that was changed."""

    USER = "USER"
    USER_BLOCK = "USER_BLOCK"
    ACCOUNT_BLOCK = "ACCOUNT_BLOCK"
    USER_NOTE = "USER_NOTE"
    BLOCK_DESCRIPTION = "BLOCK_DESCRIPTION"
    BLOCK_DEFINITION = "BLOCK_DEFINITION"
    BLOCKED_ACTION_CODE = "BLOCKED_ACTION_CODE"
    BLOCK_PREFERENCE = "BLOCK_PREFERENCE"
    PERMISSION_GRANT = "PERMISSION_GRANT"
    ROLE_GRANT = "ROLE_GRANT"
    API_TOKEN = "API_TOKEN"  # noqa: S105 - the name of a record, not a secret
    PASS = "PASS"  # noqa: S105 - likewise
    OVERRIDE_EVENT = "OVERRIDE_EVENT"
    INSTITUTION = "INSTITUTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One change. `before` None: the record was made; `after` None: it was taken away. The
    values of both are gone where `is_erased`; that the change happened, and to which `fields`,
    stays."""

    id: UUID
    at: datetime
    actor: str
    channel: Channel
    deed: str
    record_type: HistoryRecordType
    record_id: UUID
    user_id: UUID | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    is_erased: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a change; None stands for "nothing there"."""

    field: str
    before: object
    after: object


def field_changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[FieldChange, ...]:
    """The fields that differ, by name (user-blocks 9: field by field before and after). A field
    that is not there and a field that is empty are the same.

    >>> [c.field for c in field_changes({"status": "ACTIVE", "note": "x"},
    ...                                 {"status": "INACTIVE", "note": "x"})]
    ['status']
    """
    old, new = before or {}, after or {}
    return tuple(
        FieldChange(field=field, before=old.get(field), after=new.get(field))
        for field in sorted(old.keys() | new.keys())
        if not _is_same(old.get(field), new.get(field))
    )


def _is_same(before: object, after: object) -> bool:
    """Python counts True as 1; a change from one to the other is a change all the same."""
    return type(before) is type(after) and before == after
