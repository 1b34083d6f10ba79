"""Import of block descriptions from a sheet: the whole sheet is checked, and either every line
can be carried out or none is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rules.block_tables import BlockDescription
from rules.code_checks import code_problems, text_problems
from rules.description_checks import DescriptionDraft
from rules.import_sheet import Columns, LineError, Row, Sheet, sheet_errors

DESCRIPTION_COLUMNS = Columns(
    required=("code", "description"), optional=("default", "enabled", "order")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDescription:
    """A description as it will be, and at which place. `current` None: it is new. `line` None:
    the sheet does not name it, but a line of it moves it or takes the default from it."""

    line: int | None
    current: BlockDescription | None
    draft: DescriptionDraft
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionImportPlan:
    """What the import will do. Descriptions that the sheet does not name stay."""

    adds: tuple[PlannedDescription, ...]
    changes: tuple[PlannedDescription, ...]
    unchanged: tuple[PlannedDescription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A description as the sheet or, without a line, the table has it."""

    line: int | None
    current: BlockDescription | None
    draft: DescriptionDraft
    order: int | None
    claims_default: bool = False


_Place: TypeAlias = tuple[float, bool, int]


def description_import(
    sheet: Sheet, table: Sequence[BlockDescription]
) -> DescriptionImportPlan | tuple[LineError, ...]:
    """Lines are matched to the table by their exact code: new codes are added, known ones
    changed. Columns that the sheet leaves out, and empty cells, keep what the table has; a new
    description is enabled, no default, and last. At most one line may claim the default; it
    takes it from the description that has it. Any error stops all of it (user-blocks 12.3).

    >>> from rules.specimens import UNPAID
    >>> plan = description_import(
    ...     Sheet(header=("code", "description"), rows=[(2, {"code": "UNPAID",
    ...           "description": "Unpaid fees"}), (3, {"code": "LOST", "description": "Lost"})]),
    ...     [UNPAID])
    >>> [planned.draft.code for planned in plan.adds], len(plan.unchanged)
    (['LOST'], 1)
    """
    errors = sheet_errors(sheet, DESCRIPTION_COLUMNS)
    if errors:
        return errors
    known = {description.code: description for description in table}
    rows = [Row(line, cells) for line, cells in sheet.rows]
    wishes = [_wish(row, known) for row in rows]
    _refuse_clashes(rows, wishes, table)
    _refuse_defaults(rows, wishes)
    _refuse_orders(rows, wishes)
    faults = tuple(error for row in rows for error in row.errors)
    return faults or _plan(wishes, table)


def _wish(row: Row, known: dict[str, BlockDescription]) -> _Wish:
    before = len(row.errors)
    code, text = row.required("code"), row.required("description")
    if len(row.errors) == before:
        row.refuse_problems("code", code_problems(code, "code"))
        row.refuse_problems("description", text_problems(text, "text"))
    current = known.get(code)
    draft = DescriptionDraft(
        code=code,
        text=text,
        is_enabled=row.boolean("enabled", default=current.is_enabled if current else True),
        is_default=row.boolean("default", default=current.is_default if current else False),
    )
    if draft.is_default and not draft.is_enabled:
        row.refuse("default", "A disabled description cannot be the default; enable it.")
    return _Wish(
        line=row.line,
        current=current,
        draft=draft,
        order=row.place("order"),
        claims_default=draft.is_default and row.has("default"),
    )


def _refuse_clashes(
    rows: Sequence[Row], wishes: Sequence[_Wish], table: Sequence[BlockDescription]
) -> None:
    """A code twice in the sheet, or one that differs from another only in case."""
    taken = {description.code.casefold(): (description.code, "the table") for description in table}
    lines: dict[str, int] = {}
    for row, wish in zip(rows, wishes, strict=True):
        code = wish.draft.code
        if not code:
            continue
        if code in lines:
            row.refuse("code", f"{code} stands on line {lines[code]} already.")
            continue
        lines[code] = row.line
        other, where = taken.setdefault(code.casefold(), (code, f"line {row.line}"))
        if other != code:
            sentence = f"{code} differs from {other} in {where} only in upper and lower case."
            row.refuse("code", sentence)


def _refuse_defaults(rows: Sequence[Row], wishes: Sequence[_Wish]) -> None:
    """A second line that says it is the default; one that is silent gives way to the first."""
    claimed: int | None = None
    for row, wish in zip(rows, wishes, strict=True):
        if not wish.claims_default:
            continue
        if claimed is not None:
            row.refuse("default", f"Line {claimed} is the default already; there is only one.")
        else:
            claimed = row.line


def _refuse_orders(rows: Sequence[Row], wishes: Sequence[_Wish]) -> None:
    lines: dict[int, int] = {}
    for row, wish in zip(rows, wishes, strict=True):
        if wish.order is None:
            continue
        if wish.order in lines:
            sentence = f"Line {lines[wish.order]} asks for place {wish.order} already."
            row.refuse("order", sentence)
        lines.setdefault(wish.order, row.line)


def _plan(wishes: Sequence[_Wish], table: Sequence[BlockDescription]) -> DescriptionImportPlan:
    named = {wish.draft.code for wish in wishes}
    unnamed = [_kept(description) for description in table if description.code not in named]
    everything = _with_one_default([*wishes, *unnamed])
    adds, changes, unchanged = [], [], []
    for planned in _in_order(everything):
        if planned.current is None:
            adds.append(planned)
        elif _differs(planned, planned.current):
            changes.append(planned)
        elif planned.line is not None:
            unchanged.append(planned)
    return DescriptionImportPlan(
        adds=tuple(adds), changes=tuple(changes), unchanged=tuple(unchanged)
    )


def _kept(description: BlockDescription) -> _Wish:
    draft = DescriptionDraft(
        code=description.code,
        text=description.text,
        is_enabled=description.is_enabled,
        is_default=description.is_default,
    )
    return _Wish(line=None, current=description, draft=draft, order=None)


def _with_one_default(wishes: list[_Wish]) -> list[_Wish]:
    """A line that claims the default takes it from the description that had it."""
    if not any(wish.claims_default for wish in wishes):
        return wishes
    return [
        replace(wish, draft=replace(wish.draft, is_default=wish.claims_default)) for wish in wishes
    ]


def _in_order(wishes: list[_Wish]) -> Iterator[PlannedDescription]:
    """By the place asked for, else the present one, else last in the order of the sheet; who
    asks for a place comes before who merely stands there. Places are then counted anew."""
    for position, wish in enumerate(sorted(wishes, key=_place)):
        yield PlannedDescription(
            line=wish.line, current=wish.current, draft=wish.draft, position=position
        )


def _place(wish: _Wish) -> _Place:
    if wish.order is not None:
        return wish.order, False, 0
    if wish.current is not None:
        return wish.current.position, True, 0
    return float("inf"), True, wish.line or 0


def _differs(planned: PlannedDescription, current: BlockDescription) -> bool:
    return planned.draft != _kept(current).draft or planned.position != current.position
