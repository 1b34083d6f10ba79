"""Questions and commands about the table from blocked-action codes to actions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from rules.actions import Action, BlockedActionCode
from rules.code_checks import tidied, why_no_more_rows
from rules.definition_checks import (
    ActionCodeDraft,
    action_code_notices,
    action_code_problems,
    why_not_deletable_action_code,
)
from rules.problems import Notice
from storage import block_definitions, blocked_action_codes, history
from storage.block_tables import hold_block_tables
from tenancy.refusals import NotFound, refuse_conflict, refuse_invalid, refuse_other_version
from tenancy.scopes import InstitutionScope, WritingScope
from tenancy.table_changes import row_change

RECORD = ("blockedActionCode",)
"""The input that names the code of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedActionCode:
    """A code as it is now, and what staff should know about the change."""

    code: BlockedActionCode
    notices: tuple[Notice, ...] = ()


def action_codes(scope: InstitutionScope) -> Sequence[BlockedActionCode]:
    """Every code, in the order of the codes."""
    return blocked_action_codes.action_codes(scope.db)


def add_action_code(scope: WritingScope, wanted: ActionCodeDraft) -> ChangedActionCode:
    """Add a code. Raises InvalidInput for each wrong input, Conflict where the table is full."""
    table = _held(scope)
    draft = _tidied(wanted)
    refuse_invalid(action_code_problems(draft, table))
    refuse_conflict(why_no_more_rows(len(table)), ())
    made = BlockedActionCode(
        id=scope.new_id(), code=draft.code, name=draft.name, actions=draft.actions
    )
    blocked_action_codes.insert_action_code(scope.db, made)
    history.record(scope.db, [row_change(scope, "blocked_action_code.add", None, made)])
    return ChangedActionCode(code=made, notices=action_code_notices(draft))


def change_action_code(
    scope: WritingScope,
    code_id: UUID,
    *,
    code: str | None = None,
    name: str | None = None,
    actions: frozenset[Action] | None = None,
    seen_version: int | None = None,
) -> ChangedActionCode:
    """Change what is given. Definitions refer to the record, so they come along, and so do the
    blocks that rest on them: what they stop changes at once."""
    table = _held(scope)
    current = _found(table, code_id)
    refuse_other_version(current.version, seen_version)
    draft = _tidied(
        ActionCodeDraft(
            code=current.code if code is None else code,
            name=current.name if name is None else name,
            actions=current.actions if actions is None else actions,
        )
    )
    refuse_invalid(action_code_problems(draft, [one for one in table if one is not current]))
    changed = replace(current, code=draft.code, name=draft.name, actions=draft.actions)
    if changed != current:
        changed = replace(changed, version=current.version + 1)
        blocked_action_codes.store_action_code(scope.db, changed)
        history.record(
            scope.db, [row_change(scope, "blocked_action_code.change", current, changed)]
        )
    return ChangedActionCode(code=changed, notices=action_code_notices(draft, current=current))


def remove_action_code(scope: WritingScope, code_id: UUID) -> BlockedActionCode:
    """Delete a code that no definition uses. The answer is what it was."""
    current = _found(_held(scope), code_id)
    definitions = block_definitions.definitions(scope.db)
    refuse_conflict(why_not_deletable_action_code(current, definitions), RECORD)
    blocked_action_codes.delete_action_code(scope.db, code_id)
    history.record(scope.db, [row_change(scope, "blocked_action_code.remove", current, None)])
    return current


def unknown_action_code() -> NotFound:
    """The same for another institution's code as for one that never was."""
    return NotFound("There is no such blocked-action code.", RECORD)


def _held(scope: WritingScope) -> Sequence[BlockedActionCode]:
    hold_block_tables(scope.db)
    return blocked_action_codes.action_codes(scope.db)


def _found(table: Sequence[BlockedActionCode], code_id: UUID) -> BlockedActionCode:
    for code in table:
        if code.id == code_id:
            return code
    raise unknown_action_code()


def _tidied(draft: ActionCodeDraft) -> ActionCodeDraft:
    return replace(draft, code=tidied(draft.code), name=tidied(draft.name))
