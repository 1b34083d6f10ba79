"""Import of block definitions from a sheet: the whole sheet is checked, and either every line
can be carried out or none is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from rules.actions import BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription, BlockType, Overridable
from rules.definition_checks import DefinitionDraft, definition_problems, why_description_stays
from rules.import_sheet import Columns, LineError, Row, Sheet, sheet_errors, shown
from rules.problems import Problem

DEFINITION_COLUMNS = Columns(
    required=("id", "description_code", "type", "blocked_action", "overridable"),
    optional=("network_block",),
)

_COLUMN_OF = MappingProxyType(
    {
        "row_id": "id",
        "description": "description_code",
        "block_type": "type",
        "is_network_block": "network_block",
    }
)

_TYPES = MappingProxyType(
    {
        **{block_type.value.casefold(): block_type for block_type in BlockType},
        "consortial block": BlockType.CONSORTIAL,
        "resource sharing requests": BlockType.RESOURCE_SHARING,
        "resource sharing request": BlockType.RESOURCE_SHARING,
    }
)
_OVERRIDABLE = MappingProxyType({choice.value.casefold(): choice for choice in Overridable})

_Choice = TypeVar("_Choice", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionTables:
    """The tables of the institution that an import of definitions is checked against."""

    definitions: Sequence[BlockDefinition]
    descriptions: Sequence[BlockDescription]
    action_codes: Sequence[BlockedActionCode]
    live_blocks: Mapping[UUID, int] = field(default_factory=dict)
    """How many blocks that are not removed users have, by description; none are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDefinition:
    """A definition as it will be. `current` None: it is new."""

    line: int
    current: BlockDefinition | None
    draft: DefinitionDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionImportPlan:
    """What the import will do. Definitions that the sheet does not name stay. Changes may swap
    descriptions between definitions, so they hold only when all of them are carried out."""

    adds: tuple[PlannedDefinition, ...]
    changes: tuple[PlannedDefinition, ...]
    unchanged: tuple[PlannedDefinition, ...]


def definition_import(
    sheet: Sheet, tables: DefinitionTables
) -> DefinitionImportPlan | tuple[LineError, ...]:
    """Lines are matched to the table by their exact ID. Description and blocked action must be
    in their tables; types and overridable are taken in any case, and types also by the name on
    the screen. An empty network_block keeps what the table has, FALSE for a new row. The result
    as a whole must be valid: one definition per description. Any error stops all of it
    (user-blocks 2.2 and 12.3).

    >>> from rules.specimens import LOAN_ONLY, UNPAID
    >>> sheet = Sheet(header=DEFINITION_COLUMNS.required, rows=[(2, {"id": "FEES",
    ...     "description_code": "UNPAID", "type": "Cash", "blocked_action": "05",
    ...     "overridable": "ALL"})])
    >>> definition_import(sheet, DefinitionTables(
    ...     definitions=[], descriptions=[UNPAID], action_codes=[LOAN_ONLY]))[0].sentence
    '05 is not in the table of blocked-action codes.'
    """
    errors = sheet_errors(sheet, DEFINITION_COLUMNS)
    if errors:
        return errors
    rows = [Row(line, cells) for line, cells in sheet.rows]
    reader = _Reader(tables)
    planned = [reader.read(row) for row in rows]
    kept = [one for one in tables.definitions if one.row_id not in reader.named]
    _refuse_clashes(rows, planned, tables.definitions, kept=kept)
    faults = tuple(error for row in rows for error in row.errors)
    return faults or _plan([one for one in planned if one is not None])


class _Reader:
    """Turns rows into planned definitions, with the tables ready to be looked up."""

    def __init__(self, tables: DefinitionTables) -> None:
        self._definitions = {one.row_id: one for one in tables.definitions}
        self._descriptions = {one.code: one for one in tables.descriptions}
        self._action_codes = {one.code: one for one in tables.action_codes}
        self._live_blocks = tables.live_blocks
        self.named: set[str] = set()
        """The IDs that the sheet names, also on lines with errors."""

    def read(self, row: Row) -> PlannedDefinition | None:
        row_id = row.required("id")
        self.named.add(row_id)
        current = self._definitions.get(row_id)
        description = _looked_up(
            row, "description_code", self._descriptions, "the table of block descriptions"
        )
        action_code = _looked_up(
            row, "blocked_action", self._action_codes, "the table of blocked-action codes"
        )
        block_type = _chosen(row, "type", _TYPES, BlockType)
        overridable = _chosen(row, "overridable", _OVERRIDABLE, Overridable)
        is_network_block = row.boolean(
            "network_block", default=current.is_network_block if current else False
        )
        if not (row_id and description and action_code and block_type and overridable):
            return None
        draft = DefinitionDraft(
            row_id=row_id,
            description=description,
            blocked_action=action_code,
            block_type=block_type,
            overridable=overridable,
            is_network_block=is_network_block,
        )
        for problem in self._problems(draft, current):
            row.refuse(_COLUMN_OF.get(problem.path[0], problem.path[0]), problem.sentence)
        return PlannedDefinition(line=row.line, current=current, draft=draft)

    def _problems(
        self, draft: DefinitionDraft, current: BlockDefinition | None
    ) -> Iterator[Problem]:
        yield from definition_problems(draft, ())
        if current is not None:
            live_blocks = self._live_blocks.get(current.description.id, 0)
            fixed = why_description_stays(current, draft.description, live_blocks=live_blocks)
            if fixed is not None:
                yield fixed


_Found = TypeVar("_Found")


def _looked_up(row: Row, column: str, table: Mapping[str, _Found], where: str) -> _Found | None:
    cell = row.required(column)
    found = table.get(cell)
    if cell and found is None:
        row.refuse(column, f"{shown(cell)} is not in {where}.")
    return found


def _chosen(
    row: Row, column: str, choices: Mapping[str, _Choice], of: type[_Choice]
) -> _Choice | None:
    cell = row.required(column)
    choice = choices.get(cell.casefold())
    if cell and choice is None:
        known = ", ".join(one.value for one in of)
        row.refuse(column, f"{shown(cell)} is not one of {known}.")
    return choice


def _refuse_clashes(
    rows: Sequence[Row],
    planned: Sequence[PlannedDefinition | None],
    table: Sequence[BlockDefinition],
    *,
    kept: Sequence[BlockDefinition],
) -> None:
    """An ID twice or differing only in case; a description with two definitions in the result,
    which has the rows that are `kept` beside those of the sheet."""
    ids = {one.row_id.casefold(): (one.row_id, "the table") for one in table}
    lines: dict[str, int] = {}
    owners = {one.description.id: f"the definition {one.row_id} in the table" for one in kept}
    for row, one in zip(rows, planned, strict=True):
        if one is None:
            continue
        row_id = one.draft.row_id
        if row_id in lines:
            row.refuse("id", f"{row_id} stands on line {lines[row_id]} already.")
            continue
        lines[row_id] = row.line
        other, where = ids.setdefault(row_id.casefold(), (row_id, f"line {row.line}"))
        if other != row_id:
            row.refuse("id", f"{row_id} differs from {other} in {where} only in case.")
        owner = owners.setdefault(one.draft.description.id, f"line {row.line}")
        if owner != f"line {row.line}":
            sentence = f"{one.draft.description.code} has a definition already: {owner}."
            row.refuse("description_code", sentence)


def _plan(planned: Sequence[PlannedDefinition]) -> DefinitionImportPlan:
    changed = [one for one in planned if one.current and _differs(one.draft, one.current)]
    return DefinitionImportPlan(
        adds=tuple(one for one in planned if one.current is None),
        changes=tuple(changed),
        unchanged=tuple(
            one for one in planned if one.current and not _differs(one.draft, one.current)
        ),
    )


def _differs(draft: DefinitionDraft, current: BlockDefinition) -> bool:
    return (
        draft.description.id != current.description.id
        or draft.blocked_action.id != current.blocked_action.id
        or draft.block_type is not current.block_type
        or draft.overridable is not current.overridable
        or draft.is_network_block != current.is_network_block
    )
