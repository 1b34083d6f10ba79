"""Questions and commands about the list of block descriptions (user-blocks 2.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from rules.block_tables import BlockDefinition, BlockDescription
from rules.code_checks import tidied, why_no_more_rows
from rules.description_checks import (
    DescriptionDraft,
    description_notices,
    description_problems,
    reordered,
    why_not_default,
    why_not_deletable_description,
    why_not_disabled,
)
from rules.problems import Notice, Problem
from storage import block_definitions, block_descriptions, history
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

RECORD = ("blockDescription",)
"""The input that names the description of a command."""

_Table = Sequence[BlockDescription]
_Pair = tuple[BlockDescription | None, BlockDescription | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDescription:
    """A description as it is now, and what staff should know about the change."""

    description: BlockDescription
    notices: tuple[Notice, ...] = ()


def descriptions(scope: InstitutionScope, *, enabled_only: bool) -> Sequence[BlockDescription]:
    """The descriptions in their order."""
    return block_descriptions.descriptions(scope.db, enabled_only=enabled_only)


def add_description(scope: WritingScope, wanted: DescriptionDraft) -> BlockDescription:
    """Add a description at the end of the list. Raises InvalidInput for each wrong input,
    Conflict where the table is full."""
    table = _held(scope)
    draft = replace(wanted, code=tidied(wanted.code), text=tidied(wanted.text))
    refuse_invalid(description_problems(draft, table))
    refuse_conflict(why_no_more_rows(len(table)), ())
    made = BlockDescription(
        id=scope.new_id(),
        code=draft.code,
        text=draft.text,
        is_enabled=draft.is_enabled,
        is_default=draft.is_default,
        position=len(table),
    )
    former = _without_default(table) if draft.is_default else []
    _store(scope, former)
    block_descriptions.insert_descriptions(scope.db, [made])
    _record(scope, "block_description.add", [*former, (None, made)])
    return made


def change_description(
    scope: WritingScope,
    description_id: UUID,
    *,
    code: str | None = None,
    text: str | None = None,
    seen_version: int | None = None,
) -> ChangedDescription:
    """Change code or text; blocks and definitions refer to the record, so they come along."""
    table = _held(scope)
    current = _found(table, description_id)
    refuse_other_version(current.version, seen_version)
    draft = DescriptionDraft(
        code=current.code if code is None else tidied(code),
        text=current.text if text is None else tidied(text),
        is_enabled=current.is_enabled,
        is_default=current.is_default,
    )
    others = [one for one in table if one is not current]
    definition = _definition_of(scope, current)
    refuse_invalid(description_problems(draft, others, definition=definition))
    if definition is not None and draft.code != current.code:
        # The new code is carried into the definition, so nobody may hold that and want this.
        block_definitions.lock_definition(scope.db, definition.id)
    changed = replace(current, code=draft.code, text=draft.text)
    return ChangedDescription(
        description=_changed(scope, "block_description.change", current, changed),
        notices=description_notices(current, draft),
    )


def remove_description(scope: WritingScope, description_id: UUID) -> ChangedDescription:
    """Delete a description that nothing uses. The answer is what it was."""
    current = _found(_held(scope), description_id)
    block_descriptions.lock_description(scope.db, description_id)
    why_not = why_not_deletable_description(
        current,
        definition=_definition_of(scope, current),
        live_blocks=block_descriptions.live_block_count(scope.db, description_id),
    )
    refuse_conflict(why_not, RECORD)
    block_descriptions.delete_description(scope.db, current)
    _record(scope, "block_description.remove", [(current, None)])
    return ChangedDescription(description=current, notices=description_notices(current, None))


def enable_description(scope: WritingScope, description_id: UUID) -> ChangedDescription:
    """Offer a description for new blocks."""
    current = _found(_held(scope), description_id)
    changed = replace(current, is_enabled=True)
    return ChangedDescription(
        description=_changed(scope, "block_description.enable", current, changed)
    )


def disable_description(scope: WritingScope, description_id: UUID) -> ChangedDescription:
    """Offer a description no longer; the blocks that have it stay in force."""
    current = _found(_held(scope), description_id)
    refuse_conflict(why_not_disabled(current), RECORD)
    changed = replace(current, is_enabled=False)
    draft = DescriptionDraft(code=current.code, text=current.text, is_enabled=False)
    return ChangedDescription(
        description=_changed(scope, "block_description.disable", current, changed),
        notices=description_notices(current, draft),
    )


def reorder_descriptions(scope: WritingScope, order: Sequence[UUID | None]) -> _Table:
    """Bring the whole list into another order. None stands for what is nobody's id."""
    table = _held(scope)
    answer = reordered(table, [one for one in order if one is not None])
    if isinstance(answer, Problem):
        raise InvalidInput([answer])
    former = {one.id: one for one in table}
    moved = [one for one in answer if one.position != former[one.id].position]
    block_descriptions.store_positions(scope.db, moved)
    _record(scope, "block_description.reorder", [(former[one.id], one) for one in moved])
    return answer


def set_default_description(scope: WritingScope, description_id: UUID | None) -> _Table:
    """Choose the description that the list offers first, or none. The answer is the list."""
    table = _held(scope)
    pairs: list[_Pair] = _without_default(table, but=description_id)
    if description_id is not None:
        current = _found(table, description_id)
        refuse_conflict(why_not_default(current), RECORD)
        if not current.is_default:
            pairs.append((current, _counted(replace(current, is_default=True))))
    _store(scope, pairs)
    _record(scope, "block_description.set_default", pairs)
    return block_descriptions.descriptions(scope.db)


def unknown_description() -> NotFound:
    """The same for another institution's description as for one that never was."""
    return NotFound("There is no such block description.", RECORD)


def _held(scope: WritingScope) -> _Table:
    hold_block_tables(scope.db)
    return block_descriptions.descriptions(scope.db)


def _found(table: _Table, description_id: UUID) -> BlockDescription:
    for description in table:
        if description.id == description_id:
            return description
    raise unknown_description()


def _definition_of(scope: WritingScope, description: BlockDescription) -> BlockDefinition | None:
    found = (
        one
        for one in block_definitions.definitions(scope.db)
        if one.description.id == description.id
    )
    return next(found, None)


def _changed(
    scope: WritingScope, deed: str, current: BlockDescription, changed: BlockDescription
) -> BlockDescription:
    """Store what differs; a change to what it is already leaves no trace."""
    if changed == current:
        return current
    pair = (current, _counted(changed))
    _store(scope, [pair])
    _record(scope, deed, [pair])
    return pair[1]


def _without_default(table: _Table, *, but: UUID | None = None) -> list[_Pair]:
    return [
        (one, _counted(replace(one, is_default=False)))
        for one in table
        if one.is_default and one.id != but
    ]


def _counted(description: BlockDescription) -> BlockDescription:
    return replace(description, version=description.version + 1)


def _store(scope: WritingScope, pairs: Iterable[_Pair]) -> None:
    block_descriptions.store_descriptions(
        scope.db, [after for _, after in pairs if after is not None]
    )


def _record(scope: WritingScope, deed: str, pairs: Iterable[_Pair]) -> None:
    history.record(scope.db, [row_change(scope, deed, before, after) for before, after in pairs])
