"""Questions and commands about the block definitions of the institution (user-blocks 2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rules.actions import ALL_ACTIONS_CODE, BlockedActionCode
from rules.block_tables import (
    OVERDUE,
    BlockDefinition,
    BlockDescription,
    BlockType,
    Overridable,
)
from rules.code_checks import tidied
from rules.definition_checks import (
    DefinitionDraft,
    definition_notices,
    definition_of,
    definition_problems,
    why_description_stays,
    why_not_deletable_definition,
)
from rules.problems import Notice, Problem
from storage import block_definitions, block_descriptions, blocked_action_codes, history
from storage.block_tables import hold_block_tables
from tenancy.refusals import (
    InvalidInput,
    NotFound,
    refuse_conflict,
    refuse_invalid,
    refuse_other_version,
)
from tenancy.scopes import InstitutionScope, WritingScope
from tenancy.table_changes import row_change

RECORD = ("blockDefinition",)
"""The input that names the definition of a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDefinition:
    """A definition as it is now, and what staff should know about the change."""

    definition: BlockDefinition
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDefinition:
    """A definition as it was asked for. Without a blocked action, the definition of OVERDUE
    stops every action."""

    row_id: str
    description_id: UUID
    blocked_action_id: UUID | None
    block_type: BlockType
    overridable: Overridable
    is_network_block: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionChanges:
    """The columns that are to change; None stays as it is."""

    description_id: UUID | None = None
    blocked_action_id: UUID | None = None
    block_type: BlockType | None = None
    overridable: Overridable | None = None
    is_network_block: bool | None = None


def definitions(scope: InstitutionScope) -> Sequence[BlockDefinition]:
    """Every definition, in the order of the descriptions."""
    return block_definitions.definitions(scope.db)


def add_definition(scope: WritingScope, wanted: NewDefinition) -> ChangedDefinition:
    """Add a definition. Raises InvalidInput for each wrong input."""
    table = _held(scope)
    description = _description(scope, wanted.description_id)
    draft = DefinitionDraft(
        row_id=tidied(wanted.row_id),
        description=description,
        blocked_action=_blocked_action(scope, wanted.blocked_action_id, description),
        block_type=wanted.block_type,
        overridable=wanted.overridable,
        is_network_block=wanted.is_network_block,
    )
    refuse_invalid(definition_problems(draft, table))
    made = definition_of(scope.new_id(), draft)
    block_definitions.insert_definitions(scope.db, [made])
    history.record(scope.db, [row_change(scope, "block_definition.add", None, made)])
    return ChangedDefinition(definition=made, notices=definition_notices(draft))


def change_definition(
    scope: WritingScope,
    definition_id: UUID,
    changes: DefinitionChanges,
    *,
    seen_version: int | None = None,
) -> ChangedDefinition:
    """Change what is given; the ID column stays. What blocks of the description stop changes at
    once."""
    table = _held(scope)
    current = _found(table, definition_id)
    refuse_other_version(current.version, seen_version)
    draft = _draft(scope, current, changes)
    others = [one for one in table if one is not current]
    refuse_invalid(definition_problems(draft, others, current=current))
    _refuse_lost_effect(scope, current, draft)
    changed = definition_of(current.id, draft, version=current.version)
    if changed != current:
        changed = definition_of(current.id, draft, version=current.version + 1)
        block_definitions.store_definitions(scope.db, [changed])
        history.record(scope.db, [row_change(scope, "block_definition.change", current, changed)])
    return ChangedDefinition(definition=changed, notices=definition_notices(draft, current=current))


def remove_definition(scope: WritingScope, definition_id: UUID) -> BlockDefinition:
    """Delete a definition that no block rests on. The answer is what it was."""
    current = _found(_held(scope), definition_id)
    live_blocks = _live_blocks_of_locked(scope, current)
    refuse_conflict(why_not_deletable_definition(current, live_blocks=live_blocks), RECORD)
    block_definitions.delete_definitions(scope.db, [current])
    history.record(scope.db, [row_change(scope, "block_definition.remove", current, None)])
    return current


def unknown_definition() -> NotFound:
    """The same for another institution's definition as for one that never was."""
    return NotFound("There is no such block definition.", RECORD)


def unknown_description() -> InvalidInput:
    """A definition cannot name this description, if it is one."""
    sentence = "There is no such block description."
    return InvalidInput([Problem(path=("description",), sentence=sentence)])


def unknown_action_code() -> InvalidInput:
    """A definition cannot name this code, if it is one."""
    sentence = "There is no such blocked-action code."
    return InvalidInput([Problem(path=("blockedAction",), sentence=sentence)])


def _held(scope: WritingScope) -> Sequence[BlockDefinition]:
    hold_block_tables(scope.db)
    return block_definitions.definitions(scope.db)


def _found(table: Sequence[BlockDefinition], definition_id: UUID) -> BlockDefinition:
    for definition in table:
        if definition.id == definition_id:
            return definition
    raise unknown_definition()


def _draft(
    scope: WritingScope, current: BlockDefinition, changes: DefinitionChanges
) -> DefinitionDraft:
    description, blocked_action = current.description, current.blocked_action
    if changes.description_id is not None:
        description = _description(scope, changes.description_id)
    if changes.blocked_action_id is not None:
        blocked_action = _blocked_action(scope, changes.blocked_action_id, description)
    is_network_block = changes.is_network_block
    return DefinitionDraft(
        row_id=current.row_id,
        description=description,
        blocked_action=blocked_action,
        block_type=changes.block_type or current.block_type,
        overridable=changes.overridable or current.overridable,
        is_network_block=current.is_network_block if is_network_block is None else is_network_block,
    )


def _refuse_lost_effect(
    scope: WritingScope, current: BlockDefinition, draft: DefinitionDraft
) -> None:
    if draft.description.id == current.description.id:
        return
    live_blocks = _live_blocks_of_locked(scope, current)
    refuse_conflict(
        why_description_stays(current, draft.description, live_blocks=live_blocks), ("description",)
    )


def _live_blocks_of_locked(scope: WritingScope, current: BlockDefinition) -> int:
    """Count only after nobody can add a block with this definition any more."""
    block_definitions.lock_definition(scope.db, current.id)
    return block_descriptions.live_block_count(scope.db, current.description.id)


def _description(scope: WritingScope, description_id: UUID) -> BlockDescription:
    for description in block_descriptions.descriptions(scope.db):
        if description.id == description_id:
            return description
    raise unknown_description()


def _blocked_action(
    scope: WritingScope, code_id: UUID | None, description: BlockDescription
) -> BlockedActionCode:
    for code in blocked_action_codes.action_codes(scope.db):
        if code.id == code_id or (
            code_id is None and description.code == OVERDUE and code.code == ALL_ACTIONS_CODE
        ):
            return code
    if code_id is not None:
        raise unknown_action_code()
    raise InvalidInput([Problem(path=("blockedAction",), sentence="Choose the blocked action.")])
