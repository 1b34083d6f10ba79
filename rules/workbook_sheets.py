"""XLSX workbooks as sheets. A workbook is a zip of XML, so a small file can claim to be a huge
one: it is measured while it is unpacked, before the library that reads it may see it."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from xml.parsers import expat

import python_calamine as calamine

from rules.import_sheet import MAX_ROWS, MOST_COLUMNS, LineError, Sheet, header_from, row_from
from rules.workbook_cells import (
    CHANGED_NUMBER,
    CellFault,
    PointsNowhere,
    cell_faults,
    column_number,
    is_kept_exactly,
    sheet_part_name,
    split_reference,
)

MOST_BYTES = 64 * 1024 * 1024
MOST_PARTS = 1000
MOST_CELLS = 1_000_000

_CHUNK = 64 * 1024
_LAST_LINE = MAX_ROWS + 100
"""A few more lines than rows, for headers and empty lines."""

_Cells: TypeAlias = list[object]


class _Refused(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def is_workbook(content: bytes) -> bool:
    """Whether a file is a zip, as workbooks are.

    >>> is_workbook(b"code,description")
    False
    """
    return content.startswith(b"PK\x03\x04")


def workbook_sheet(content: bytes) -> Sheet | LineError:
    """The first sheet of a workbook; a row has the number that the workbook shows beside it
    (user-blocks 12.3, table import).

    >>> workbook_sheet(b"PK\\x03\\x04 and no more").sentence
    'The file is not a workbook that can be read; save it as .xlsx again, or as CSV in UTF-8.'
    """
    try:
        measured = _unpacked(content)
        return _sheet(_first_shown(measured))
    except _Refused as refused:
        sentence = refused.sentence
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        sentence = _UNREADABLE
    except (PointsNowhere, calamine.CalamineError, expat.ExpatError, ValueError, KeyError):
        sentence = _UNREADABLE
    return LineError(line=1, column=None, sentence=sentence)


_UNREADABLE = (
    "The file is not a workbook that can be read; save it as .xlsx again, or as CSV in UTF-8."
)


def _unpacked(content: bytes) -> io.BytesIO:
    """The same workbook without compression. What a zip says about its own sizes may be a lie;
    the reader gets only what was really unpacked, within bounds."""
    measured = io.BytesIO()
    left = MOST_BYTES
    with (
        zipfile.ZipFile(io.BytesIO(content)) as packed,
        zipfile.ZipFile(measured, "w", zipfile.ZIP_STORED) as plain,
    ):
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise _Refused(_TOO_LARGE)
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue  # pictures, macros, and whatever makes it another kind of file
            unpacked = _part(packed, part, left)
            left -= len(unpacked)
            _Measure().run(unpacked)
            plain.writestr(part.filename, unpacked)
    measured.seek(0)
    return measured


_TOO_LARGE = (
    f"The workbook is too large: unpacked it may have {MOST_BYTES // 1024 // 1024} megabytes, "
    f"{MAX_ROWS} rows and {MOST_COLUMNS} columns."
)


def _part(packed: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> bytes:
    unpacked = bytearray()
    with packed.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += chunk
            if len(unpacked) > left:
                raise _Refused(_TOO_LARGE)
    return bytes(unpacked)


class _Measure:
    """Refuses a sheet whose cells lie far apart, since the reader makes room for every cell
    between them. Any part may be a sheet, so each is measured."""

    def __init__(self) -> None:
        self._cells = 0
        self._line = 0
        self._column = 0

    def run(self, xml: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._line = int(attributes.get("r") or self._line + 1)
            self._column = 0
        elif local == "c":
            self._cells += 1
            letters, digits = split_reference(attributes.get("r", ""))
            self._line = int(digits or self._line)
            self._column = column_number(letters) if letters else self._column + 1
        else:
            return
        if (
            self._cells > MOST_CELLS
            or self._line > _LAST_LINE
            or not 0 <= self._column <= MOST_COLUMNS
        ):
            raise _Refused(_TOO_LARGE)

    def _doctype(self, *_: object) -> None:
        raise _Refused(_UNREADABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    rows: list[_Cells]
    faults: list[CellFault]


def _first_shown(workbook: io.BytesIO) -> _Found:
    with calamine.CalamineWorkbook.from_filelike(workbook) as book:
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == calamine.SheetVisibleEnum.Visible
            and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if not visible:
            raise _Refused("The workbook has no sheet that is shown.")
        faults = _faults(workbook, visible[0])
        rows = book.get_sheet_by_name(visible[0]).to_python(skip_empty_area=False)
        return _Found(rows=[list(cells) for cells in rows], faults=faults)


def _faults(workbook: io.BytesIO, sheet_name: str) -> list[CellFault]:
    with zipfile.ZipFile(io.BytesIO(workbook.getvalue())) as plain:
        names = {name.lower(): name for name in plain.namelist()}
        book, relations = (plain.read(names[name]) for name in _BOOK)
        part = sheet_part_name(sheet_name, book, relations)
        texts = names.get("xl/sharedstrings.xml")
        return cell_faults(plain.read(names[part or ""]), plain.read(texts) if texts else None)


_BOOK = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")


def _sheet(found: _Found) -> Sheet:
    header: tuple[str, ...] = ()
    header_line = 1
    rows: list[tuple[int, dict[str, str]]] = []
    faults = list(found.faults)
    for line, cells in enumerate(found.rows, start=1):
        texts = [_text(cell) for cell in cells]
        if not any(text.strip() for text in texts):
            continue
        faults += _changed_numbers(line, cells)
        if not header:
            header, header_line = header_from(texts), line
        else:
            rows.append((line, row_from(header, texts)))
    errors = tuple(_line_error(header, fault) for fault in sorted(faults, key=_place))
    return Sheet(header=header, rows=rows, header_line=header_line, faults=errors)


def _changed_numbers(line: int, cells: _Cells) -> list[CellFault]:
    return [
        CellFault(line=line, column=column, sentence=CHANGED_NUMBER)
        for column, cell in enumerate(cells, start=1)
        if isinstance(cell, (int, float)) and not is_kept_exactly(cell)
    ]


def _place(fault: CellFault) -> tuple[int, int]:
    return fault.line, fault.column


def _line_error(header: tuple[str, ...], fault: CellFault) -> LineError:
    column = header[fault.column - 1] if fault.column <= len(header) else None
    return LineError(line=fault.line, column=column, sentence=fault.sentence)


def _text(cell: object) -> str:
    """A cell as a person reads it: a whole number without a point."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell)
