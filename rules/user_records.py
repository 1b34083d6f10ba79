"""A user's record as one question reads it: the account, and the parts that were asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from rules.gate import BlockPreference, ReasonCode
from rules.institutions import CirculationDesk
from rules.user_blocks import AccountBlock, UserBlock
from rules.users import RoleOfUser, User, UserIdentifier, UserNote


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRecord:
    """What was read of a user in one statement; a part that was not asked for is None."""

    user: User
    time_zone: str
    has_blocks: bool
    identifiers: tuple[UserIdentifier, ...] | None
    blocks: tuple[UserBlock, ...] | None
    account_block: tuple[AccountBlock, ...] | None
    preferences: Mapping[ReasonCode, BlockPreference] | None
    notes: tuple[UserNote, ...] | None
    roles: tuple[RoleOfUser, ...] | None
    removed_blocks: tuple[UserBlock, ...] | None = None
    """Newest removal first."""
    desks: tuple[CirculationDesk, ...] | None = None
    """The desks of the institution: who may override depends on where one stands."""
