"""A file that somebody brings becomes a sheet, whether it is CSV or a workbook. What it is shows
in its first bytes; its name says nothing."""

from rules.csv_sheets import csv_sheet
from rules.import_sheet import LineError, Sheet
from rules.workbook_sheets import is_workbook, workbook_sheet

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sheet_from(content: bytes) -> Sheet | LineError:
    """The sheet in a CSV or XLSX file, or the first reason why it cannot be read (user-blocks
    12.3, table import).

    >>> sheet = sheet_from(b"code;description\\nLOST;Lost card\\n")
    >>> sheet.header, sheet.rows
    (('code', 'description'), [(2, {'code': 'LOST', 'description': 'Lost card'})])
    """
    if is_workbook(content):
        return workbook_sheet(content)
    if content.startswith(_OLD_OFFICE):
        sentence = (
            "The file is an old Excel file, or locked by a password. "
            "Save it as .xlsx without a password, or as CSV in UTF-8."
        )
        return LineError(line=1, column=None, sentence=sentence)
    return csv_sheet(content)
