"""The values of the library out of what the history kept of them: the way back from snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rules.actions import Action, BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription, BlockType, Overridable
from rules.gate import BlockPreference, ReasonCode
from rules.user_blocks import (
    AccountBlock,
    BlockOrigin,
    BlockStatus,
    Removal,
    Segment,
    UserBlock,
)
from rules.users import AccountStatus, AccountType, RecordType, User

Snapshot = Mapping[str, object]
ById = Mapping[UUID, Snapshot]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTables:
    """The block tables as they stood: definitions by the description they define."""

    descriptions: Mapping[UUID, BlockDescription]
    definitions: Mapping[UUID, BlockDefinition]
    preferences: Mapping[ReasonCode, BlockPreference]


def past_tables(
    *, descriptions: ById, codes: ById, definitions: ById, preferences: ById
) -> PastTables:
    """The four tables from the snapshots of their rows, by the rows' ids.

    >>> tables = past_tables(descriptions={UUID(int=1): {"code": "A", "text": "B",
    ...     "is_enabled": True, "is_default": False, "position": 0}}, codes={}, definitions={},
    ...     preferences={})
    >>> tables.descriptions[UUID(int=1)].code
    'A'
    """
    named = {number: _description(number, row) for number, row in descriptions.items()}
    coded = {number: _code(number, row) for number, row in codes.items()}
    made = (_definition(number, row, named, coded) for number, row in definitions.items())
    known = {code.value for code in ReasonCode}
    rows = [_preference(row) for row in preferences.values() if row["reason"] in known]
    return PastTables(
        descriptions=named,
        definitions={one.description.id: one for one in made if one is not None},
        preferences={row.reason: row for row in rows},
    )


def past_user(user_id: UUID, row: Snapshot) -> User:
    """An account. Its group is not told: the gate does not ask for it.

    >>> past_user(UUID(int=1), {"primary_id": "ines", "first_name": "Ines", "last_name": "Okafor",
    ...     "record_type": "PUBLIC", "account_type": "INTERNAL", "status": "ACTIVE",
    ...     "expires_on": "2026-11-30", "preferred_language": None, "version": 1}).expires_on
    datetime.date(2026, 11, 30)
    """
    expires_on = row["expires_on"]
    return User(
        id=user_id,
        primary_id=_text(row["primary_id"]),
        first_name=_text(row["first_name"]),
        last_name=_text(row["last_name"]),
        group=None,
        record_type=RecordType(row["record_type"]),
        account_type=AccountType(row["account_type"]),
        status=AccountStatus(row["status"]),
        expires_on=None if expires_on is None else date.fromisoformat(_text(expires_on)),
        preferred_language=_optional(row["preferred_language"]),
        version=_number(row["version"]),
    )


def past_block(block_id: UUID, user_id: UUID, row: Snapshot, tables: PastTables) -> UserBlock:
    """A block with the description and definition that its tables had for it.

    >>> from rules.specimens import BLOCK
    >>> from rules.snapshots import block_snapshot
    >>> nothing = PastTables(descriptions={}, definitions={}, preferences={})
    >>> past_block(BLOCK.id, BLOCK.user_id, block_snapshot(BLOCK), nothing).staff_note
    'Promised to pay on Friday'
    """
    described = row["description_id"]
    description_id = None if described is None else UUID(_text(described))
    return UserBlock(
        id=block_id,
        user_id=user_id,
        description=None if description_id is None else tables.descriptions.get(description_id),
        definition=None if description_id is None else tables.definitions.get(description_id),
        block_type=BlockType(row["block_type"]),
        status=BlockStatus(row["status"]),
        expires_at=_optional_instant(row["expires_at"]),
        staff_note=_optional(row["staff_note"]),
        patron_text=_optional(row["patron_text"]),
        origin=BlockOrigin(row["origin"]),
        segment=Segment(row["segment"]),
        created_by=_text(row["created_by"]),
        created_at=_instant(row["created_at"]),
        version=_number(row["version"]),
        removal=_removal(row),
    )


def past_account_block(block_id: UUID, user_id: UUID, row: Snapshot) -> AccountBlock:
    """The hard block of an account.

    >>> past_account_block(UUID(int=1), UUID(int=2), {"comment": "Shouted", "blocked_by": "max",
    ...     "blocked_at": "2026-11-22T12:00:00+00:00", "version": 1}).blocked_by
    'max'
    """
    return AccountBlock(
        id=block_id,
        user_id=user_id,
        comment=_text(row["comment"]),
        blocked_by=_text(row["blocked_by"]),
        blocked_at=_instant(row["blocked_at"]),
        version=_number(row["version"]),
    )


def _description(number: UUID, row: Snapshot) -> BlockDescription:
    return BlockDescription(
        id=number,
        code=_text(row["code"]),
        text=_text(row["text"]),
        is_enabled=row["is_enabled"] is True,
        is_default=row["is_default"] is True,
        position=_number(row["position"]),
        version=_number(row.get("version", 1)),
    )


def _code(number: UUID, row: Snapshot) -> BlockedActionCode:
    return BlockedActionCode(
        id=number,
        code=_text(row["code"]),
        name=_text(row["name"]),
        actions=_actions(row["actions"]),
        version=_number(row.get("version", 1)),
    )


def _definition(
    number: UUID,
    row: Snapshot,
    descriptions: Mapping[UUID, BlockDescription],
    codes: Mapping[UUID, BlockedActionCode],
) -> BlockDefinition | None:
    description = descriptions.get(UUID(_text(row["description_id"])))
    blocked_action = codes.get(UUID(_text(row["blocked_action_id"])))
    if description is None or blocked_action is None:
        return None
    return BlockDefinition(
        id=number,
        row_id=_text(row["row_id"]),
        description=description,
        blocked_action=blocked_action,
        block_type=BlockType(row["block_type"]),
        overridable=Overridable(row["overridable"]),
        is_network_block=row["is_network_block"] is True,
        version=_number(row.get("version", 1)),
    )


def _preference(row: Snapshot) -> BlockPreference:
    return BlockPreference(
        reason=ReasonCode(row["reason"]),
        actions=_actions(row["actions"]),
        overridable=Overridable(row["overridable"]),
        version=_number(row.get("version", 1)),
    )


def _removal(row: Snapshot) -> Removal | None:
    removed_at = _optional_instant(row.get("removed_at"))
    if removed_at is None:
        return None
    return Removal(
        removed_at=removed_at,
        removed_by=_text(row["removed_by"]),
        reason=_text(row["removal_reason"]),
    )


def _actions(names: object) -> frozenset[Action]:
    if not isinstance(names, list):
        raise TypeError("a set of actions is kept as a list of their names")
    return frozenset(Action(name) for name in names)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing from a snapshot")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is missing from a snapshot")
    return value


def _instant(value: object) -> datetime:
    return datetime.fromisoformat(_text(value))


def _optional_instant(value: object) -> datetime | None:
    return None if value is None else _instant(value)
