"""CSV files as sheets: UTF-8 with or without a byte order mark, commas or semicolons."""

import csv
import io
from collections.abc import Iterator, Sequence

from rules.import_sheet import MAX_ROWS, MOST_COLUMNS, LineError, Sheet, header_from, row_from


def csv_sheet(content: bytes) -> Sheet | LineError:
    """The sheet in a CSV file. The delimiter is that of the header line; a cell in quotes may
    run over several lines, and its row has the number of the first. Reading stops one row after
    the most that a sheet may have (user-blocks 12.3, table import).

    >>> csv_sheet(b"code\\nLOST\\xff")
    LineError(line=2, column=None, sentence='The file is not in UTF-8; save it as CSV in UTF-8.')
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _fault(line, "The file is not in UTF-8; save it as CSV in UTF-8.")
    header: tuple[str, ...] = ()
    header_line = 1
    rows: list[tuple[int, dict[str, str]]] = []
    lines = _Lines(text)
    try:
        for line, cells in lines:
            if len(cells) > MOST_COLUMNS:
                return _fault(line, f"The line has more than {MOST_COLUMNS} cells.")
            if not header:
                header, header_line = header_from(cells), line
            else:
                rows.append((line, row_from(header, cells)))
            if len(rows) > MAX_ROWS:
                break
    except csv.Error as error:
        return _fault(lines.line, _in_words(error))
    return Sheet(header=header, rows=rows, header_line=header_line)


class _Lines:
    """The lines that are not empty, each with its number; `line` is where the reader is."""

    def __init__(self, text: str) -> None:
        self.line = 1
        self._reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True
        )

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        for cells in self._reader:
            if any(cell.strip() for cell in cells):
                yield self.line, cells
            self.line = self._reader.line_num + 1


def _delimiter(text: str) -> str:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return ";" if first.count(";") > first.count(",") else ","


def _in_words(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "A cell is longer than any that could be taken."
    return "The quotes do not fit: a quoted cell ends with a quote and then a comma or semicolon."


def _fault(line: int, sentence: str) -> LineError:
    return LineError(line=line, column=None, sentence=sentence)
