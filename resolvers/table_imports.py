"""Import of block descriptions and block definitions from an uploaded file: all of it or nothing
(user-blocks 2.1 and 12.3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from uuid import UUID

from rules.block_tables import BlockDefinition, BlockDescription
from rules.code_checks import why_no_more_rows
from rules.definition_checks import definition_notices, definition_of
from rules.definition_import import (
    DefinitionImportPlan,
    DefinitionTables,
    PlannedDefinition,
    definition_import,
)
from rules.description_checks import description_notices
from rules.description_import import (
    DescriptionImportPlan,
    PlannedDescription,
    description_import,
)
from rules.history import Channel
from rules.import_sheet import LineError, Sheet, notice_on_line
from rules.problems import Notice
from rules.sheet_files import sheet_from
from storage import (
    block_definitions,
    block_descriptions,
    blocked_action_codes,
    history,
    uploads,
)
from storage.block_tables import hold_block_tables
from tenancy.refusals import NotFound, refuse_conflict
from tenancy.scopes import WritingScope
from tenancy.table_changes import Row, row_change

LineErrors = tuple[LineError, ...]

P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Generic[P]):
    """What an import did or, if it was a dry run, would do; and what staff should know of it."""

    plan: P
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """The uploaded file, and whether to say only what it would do."""

    upload_id: UUID
    is_dry_run: bool


def import_descriptions(
    scope: WritingScope, file: ImportFile
) -> Imported[DescriptionImportPlan] | LineErrors:
    """Fill the list of descriptions from a file, or say what is wrong with it. Raises NotFound
    for an upload that is not the person's own, Conflict where the table would be too long."""
    sheet = _sheet(scope, file)
    if isinstance(sheet, LineError):
        return (sheet,)
    hold_block_tables(scope.db)
    table = block_descriptions.descriptions(scope.db)
    plan = description_import(sheet, table)
    if not isinstance(plan, DescriptionImportPlan):
        return plan
    refuse_conflict(why_no_more_rows(len(table), len(plan.adds)), ("upload",))
    if not file.is_dry_run:
        _carry_out_descriptions(scope, plan)
        uploads.delete_upload(scope.db, file.upload_id)
    return Imported(plan=plan, notices=tuple(_description_notices(plan)))


def import_definitions(
    scope: WritingScope, file: ImportFile
) -> Imported[DefinitionImportPlan] | LineErrors:
    """Fill the table of definitions from a file, or say what is wrong with it. Raises NotFound
    for an upload that is not the person's own."""
    sheet = _sheet(scope, file)
    if isinstance(sheet, LineError):
        return (sheet,)
    plan = definition_import(sheet, _held_tables(scope))
    if not isinstance(plan, DefinitionImportPlan):
        return plan
    if not file.is_dry_run:
        _carry_out_definitions(scope, plan)
        uploads.delete_upload(scope.db, file.upload_id)
    return Imported(plan=plan, notices=tuple(_definition_notices(plan)))


def _held_tables(scope: WritingScope) -> DefinitionTables:
    """What definitions are checked against; blocks are counted when nobody can add one more."""
    hold_block_tables(scope.db)
    block_definitions.lock_definitions(scope.db)
    return DefinitionTables(
        definitions=block_definitions.definitions(scope.db),
        descriptions=block_descriptions.descriptions(scope.db),
        action_codes=blocked_action_codes.action_codes(scope.db),
        live_blocks=block_descriptions.live_block_counts(scope.db),
    )


def unknown_upload() -> NotFound:
    """The same for an upload of somebody else as for one that never was."""
    message = "There is no such upload of yours; it may have been used. Send the file again."
    return NotFound(message, ("upload",))


def _sheet(scope: WritingScope, file: ImportFile) -> Sheet | LineError:
    """The file is read before anything is held, since a large one takes a while."""
    content = uploads.upload_content(scope.db, file.upload_id, scope.principal.label)
    if content is None:
        raise unknown_upload()
    return sheet_from(content)


def _carry_out_descriptions(scope: WritingScope, plan: DescriptionImportPlan) -> None:
    changed = [(_present(one.current), _described(scope, one)) for one in plan.changes]
    added = [_described(scope, one) for one in plan.adds]
    stored = [after for before, after in changed if after.version != before.version]
    # Who gives the default up comes before who takes it: there is never more than one.
    stored.sort(key=lambda one: one.is_default)
    block_descriptions.store_descriptions(scope.db, stored)
    block_descriptions.store_positions(
        scope.db, [after for before, after in changed if after.position != before.position]
    )
    block_descriptions.insert_descriptions(scope.db, added)
    _record(scope, "block_description.import", [*changed, *((None, one) for one in added)])


def _described(scope: WritingScope, planned: PlannedDescription) -> BlockDescription:
    draft, current = planned.draft, planned.current
    made = BlockDescription(
        id=scope.new_id() if current is None else current.id,
        code=draft.code,
        text=draft.text,
        is_enabled=draft.is_enabled,
        is_default=draft.is_default,
        position=planned.position,
        version=1 if current is None else current.version,
    )
    if current is None or replace(made, position=current.position) == current:
        return made
    return replace(made, version=made.version + 1)


def _carry_out_definitions(scope: WritingScope, plan: DefinitionImportPlan) -> None:
    changed = [(_present(one.current), _defined(scope, one)) for one in plan.changes]
    added = [_defined(scope, one) for one in plan.adds]
    moved = [(b, a) for b, a in changed if a.description.id != b.description.id]
    stayed = [after for before, after in changed if after.description.id == before.description.id]
    # Definitions may exchange their descriptions, each of which has one definition at any time.
    # No block rests on those that move, so they step aside and come back.
    block_definitions.delete_definitions(scope.db, [before for before, _ in moved])
    block_definitions.store_definitions(scope.db, stayed)
    block_definitions.insert_definitions(scope.db, [*(after for _, after in moved), *added])
    _record(scope, "block_definition.import", [*changed, *((None, one) for one in added)])


def _defined(scope: WritingScope, planned: PlannedDefinition) -> BlockDefinition:
    current = planned.current
    if current is None:
        return definition_of(scope.new_id(), planned.draft)
    return definition_of(current.id, planned.draft, version=current.version + 1)


def _description_notices(plan: DescriptionImportPlan) -> Iterator[Notice]:
    for one in plan.changes:
        for notice in description_notices(_present(one.current), one.draft):
            yield notice_on_line(one.line, notice)


def _definition_notices(plan: DefinitionImportPlan) -> Iterator[Notice]:
    for one in (*plan.adds, *plan.changes):
        for notice in definition_notices(one.draft, current=one.current):
            yield notice_on_line(one.line, notice)


def _present(current: P | None) -> P:
    """A row that is to be changed is there."""
    assert current is not None
    return current


def _record(scope: WritingScope, deed: str, pairs: Iterable[tuple[Row | None, Row]]) -> None:
    imported = replace(scope, channel=Channel.IMPORT)
    history.record(scope.db, [row_change(imported, deed, before, after) for before, after in pairs])
