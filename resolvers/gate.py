"""What stands against a user: whatever the action, and for each action."""

from collections.abc import Sequence

from rules.decisions import decisions_from, reasons_against
from rules.gate import Decision, Reason
from rules.standings import standing_of
from rules.user_records import UserRecord
from tenancy.scopes import InstitutionScope


def reasons_of(scope: InstitutionScope, record: UserRecord) -> tuple[Reason, ...]:
    """Every reason there is now, those that stop nothing too."""
    reasons = reasons_against(standing_of(record), scope.now)
    scope.note_unknown(reasons)
    return reasons


def decisions_of(scope: InstitutionScope, record: UserRecord) -> Sequence[Decision]:
    """The gate's answer for each action."""
    return decisions_from(reasons_of(scope, record))
