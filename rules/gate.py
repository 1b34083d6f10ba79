"""The gate: may this user do this now, every reason against it, and who may override each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from rules.actions import Action
from rules.block_tables import Overridable
from rules.user_blocks import AccountBlock, UserBlock
from rules.users import User


class ReasonCode(Enum):
    """Why an action may not go ahead, in the field's order (user-blocks 2.5)."""

    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ACCOUNT_INACTIVE = "ACCOUNT_INACTIVE"
    ACCOUNT_EXPIRED = "ACCOUNT_EXPIRED"
    USER_BLOCK = "USER_BLOCK"
    CHECK_UNKNOWN = "CHECK_UNKNOWN"


class Verdict(Enum):
    """UNKNOWN stands against the action as BLOCKED does: something could not be evaluated."""

    ALLOWED = "ALLOWED"
    BLOCKED = "BLOCKED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPreference:
    """One row of the block preferences table (user-blocks 3.3): for a computed reason, the
    actions it stops and who may override it."""

    reason: ReasonCode
    actions: frozenset[Action]
    overridable: Overridable
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything the gate looks at about one user, as it stood at one instant.
    `expires_at` is the end of the local day on which the account expires."""

    user: User
    expires_at: datetime | None
    account_block: AccountBlock | None
    blocks: Sequence[UserBlock]
    preferences: Mapping[ReasonCode, BlockPreference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason. `stops` tells the actions it stands against; `record_id` and `version` name
    what it rests on (a block, an account block, the user), so that an override can name it.
    `failed_check` names what could not be evaluated, where the reason is unknown."""

    code: ReasonCode
    is_unknown: bool
    stops: frozenset[Action]
    overridable: Overridable
    record_id: UUID | None
    version: int
    block: UserBlock | None
    sentence: str
    advice: str
    until: datetime | None
    failed_check: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer for one action: every reason that stands against it, in order."""

    action: Action
    verdict: Verdict
    reasons: tuple[Reason, ...]
