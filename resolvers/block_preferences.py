"""Questions and commands about the block preferences: what each computed reason stops, and who
may override it (user-blocks 3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.actions import Action
from rules.block_tables import Overridable
from rules.checks import CHECKS, unsaid_preference
from rules.definition_checks import renewal_notices
from rules.gate import BlockPreference, ReasonCode
from rules.history import HistoryRecordType
from rules.problems import Notice, Problem
from rules.table_snapshots import preference_snapshot
from storage import block_preferences, history
from storage.block_preferences import StoredPreference
from storage.block_tables import hold_block_tables
from tenancy.changes import change
from tenancy.refusals import InvalidInput, refuse_other_version
from tenancy.scopes import InstitutionScope, WritingScope


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPreference:
    """A preference as it is now, and what staff should know about the change."""

    preference: BlockPreference
    notices: tuple[Notice, ...] = ()


def preferences(scope: InstitutionScope) -> Sequence[BlockPreference]:
    """What holds for each computed reason, in the order in which the gate asks."""
    stored = block_preferences.preferences(scope.db)
    return [
        stored[check.code].preference if check.code in stored else unsaid_preference(check.code)
        for check in CHECKS
    ]


def change_preference(
    scope: WritingScope,
    reason: ReasonCode,
    *,
    actions: frozenset[Action] | None = None,
    overridable: Overridable | None = None,
    seen_version: int | None = None,
) -> ChangedPreference:
    """Change what is given, for one computed reason. Raises InvalidInput for a reason that comes
    from blocks, since their definitions say what they stop."""
    if all(check.code is not reason for check in CHECKS):
        raise InvalidInput([Problem(path=("reason",), sentence=_NOT_COMPUTED)])
    hold_block_tables(scope.db)
    stored = block_preferences.preferences(scope.db).get(reason)
    current = unsaid_preference(reason) if stored is None else stored.preference
    refuse_other_version(current.version, seen_version)
    changed = replace(
        current,
        actions=current.actions if actions is None else actions,
        overridable=overridable or current.overridable,
    )
    if changed != current:
        changed = replace(changed, version=current.version + 1)
        _store(scope, stored, changed)
    return ChangedPreference(preference=changed, notices=renewal_notices(changed.actions))


_NOT_COMPUTED = (
    "This reason is not computed: what blocks stop, and who may override them, is said by the "
    "block definitions."
)


def _store(scope: WritingScope, stored: StoredPreference | None, changed: BlockPreference) -> None:
    """Change the row, or make it where the institution has not said anything yet."""
    if stored is None:
        row = StoredPreference(id=scope.new_id(), preference=changed)
        block_preferences.insert_preference(scope.db, row)
    else:
        row = replace(stored, preference=changed)
        block_preferences.store_preference(scope.db, row)
    event = change(
        scope,
        "block_preference.change",
        HistoryRecordType.BLOCK_PREFERENCE,
        record_id=row.id,
        before=None if stored is None else preference_snapshot(stored.preference),
        after=preference_snapshot(changed),
    )
    history.record(scope.db, [event])
