"""A sheet that somebody brings to fill a table: its shape is checked before its content, and an
error names the line and the column as the person sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from rules.problems import Notice, Problem
from rules.text import TextProblem, clean

MAX_ROWS = 100_000
MOST_COLUMNS = 50

_CELL_LIMIT = 1000
_YES = frozenset({"true", "1", "yes"})
_NO = frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineError:
    """What is wrong on one line. `column` None: the line or the sheet as a whole."""

    line: int
    column: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet as it was read: the header cells in order, and each row as its line number and
    its cells by header. Empty lines are left out by the reader, with their numbers counted."""

    header: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, str]]]
    header_line: int = 1
    faults: tuple[LineError, ...] = ()
    """Cells that the reader could not take."""


class LineOutcome(Enum):
    """What becomes of a row of the table by an import."""

    ADD = "ADD"
    CHANGE = "CHANGE"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns a table takes."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return self.required + self.optional


class Row:
    """One line while it is checked: cells are asked for by column, and what is wrong with
    them is gathered in `errors`."""

    __slots__ = ("_cells", "errors", "line")

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.errors: list[LineError] = []
        self._cells = cells

    def refuse(self, column: str | None, sentence: str) -> None:
        self.errors.append(LineError(line=self.line, column=column, sentence=sentence))

    def refuse_problems(self, column: str, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.refuse(column, problem.sentence)

    def has(self, column: str) -> bool:
        return bool((self._cells.get(column) or "").strip())

    def text(self, column: str) -> str:
        """The cell in NFC without space around it; empty where it cannot be taken."""
        cell = clean(self._cells.get(column) or "", limit=_CELL_LIMIT)
        if isinstance(cell, TextProblem):
            self.refuse(column, cell.sentence)
            return ""
        return cell

    def required(self, column: str) -> str:
        before = len(self.errors)
        cell = self.text(column)
        if not cell and len(self.errors) == before:
            self.refuse(column, "This cannot be empty.")
        return cell

    def boolean(self, column: str, *, default: bool) -> bool:
        """true, yes and 1, or false, no and 0, in any case; an empty cell means `default`."""
        cell = self.text(column).casefold()
        if not cell or cell in _YES or cell in _NO:
            return cell in _YES if cell else default
        self.refuse(column, f"{shown(cell)} is not one of true, false, yes, no, 1 and 0.")
        return default

    def place(self, column: str) -> int | None:
        """A whole number from 0; an empty cell means no wish."""
        cell = self.text(column)
        if not cell:
            return None
        if cell.isascii() and cell.isdigit() and len(cell) <= 9:
            return int(cell)
        self.refuse(column, f"{shown(cell)} is not a whole number.")
        return None


def header_from(cells: Sequence[str]) -> tuple[str, ...]:
    """The header as it is compared: without space around names and in small letters; empty cells
    at its end are no columns.

    >>> header_from([" Code", "Description ", ""])
    ('code', 'description')
    """
    names = [cell.strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def row_from(header: tuple[str, ...], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a line by their columns. What stands beyond the header has no column: it is
    kept under "", so that it is noticed.

    >>> row_from(("code",), ["LOST", " ", "stray"])
    {'code': 'LOST', '': 'stray'}
    """
    row = dict(zip(header, cells, strict=False))
    beyond = "".join(cells[len(header) :]).strip()
    return row | {"": beyond} if beyond else row


def sheet_errors(sheet: Sheet, columns: Columns) -> tuple[LineError, ...]:
    """What is wrong with the shape: no header, columns missing, unknown or named twice, too
    many rows, none at all, cells the reader could not take or without a column (user-blocks 12.3).

    >>> columns = Columns(required=("code",), optional=())
    >>> sheet = Sheet(header=("code", "colour"), rows=[(2, {"code": "A", "colour": "red"})])
    >>> sheet_errors(sheet, columns)[0].sentence
    'The column colour is not known. The columns are: code.'
    """
    errors = [
        LineError(line=sheet.header_line, column=column, sentence=sentence)
        for column, sentence in _header_faults(sheet.header, columns)
    ]
    if not errors and not sheet.rows and not sheet.faults:
        errors.append(_whole(sheet, "The file has a header, but no rows."))
    if len(sheet.rows) > MAX_ROWS:
        errors.append(_whole(sheet, f"The file has more than {MAX_ROWS} rows; split it."))
    if errors:
        return tuple(errors)
    known = frozenset(columns.all)
    return sheet.faults + tuple(
        LineError(line=line, column=None, sentence="The line has more cells than the header.")
        for line, cells in sheet.rows
        if not cells.keys() <= known
    )


def notice_on_line(line: int | None, notice: Notice) -> Notice:
    """A warning about one line of the file, for the person who imports it.

    >>> notice_on_line(3, Notice(path=("code",), sentence="Look at this.")).sentence
    'Line 3: Look at this.'
    """
    return Notice(path=("upload",), sentence=f"Line {line}: {notice.sentence}")


def shown(cell: str) -> str:
    """A cell as an error may repeat it: never longer than a few words."""
    return cell if len(cell) <= 60 else f"{cell[:60]}…"


def _header_faults(header: tuple[str, ...], columns: Columns) -> list[tuple[str | None, str]]:
    expected = ", ".join(columns.all)
    if not any(header):
        return [(None, f"The file has no header line. The columns are: {expected}.")]
    faults: list[tuple[str | None, str]] = []
    seen: set[str] = set()
    for name in header:
        if name in seen:
            faults.append((shown(name), f"The column {shown(name)} is there twice."))
        elif name not in columns.all:
            sentence = f"The column {shown(name)} is not known. The columns are: {expected}."
            faults.append((shown(name), sentence if name else "A column has no name."))
        seen.add(name)
    faults += [
        (name, f"The column {name} is missing.") for name in columns.required if name not in seen
    ]
    return faults


def _whole(sheet: Sheet, sentence: str) -> LineError:
    return LineError(line=sheet.header_line, column=None, sentence=sentence)
