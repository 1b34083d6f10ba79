"""Files as sheets: CSV in its forms, workbooks honest and hostile."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from rules.import_sheet import Columns, LineError, Sheet, sheet_errors
from rules.sheet_files import sheet_from
from rules.workbook_cells import CHANGED_NUMBER

SHEET = "xl/worksheets/sheet1.xml"
TOO_LARGE = (
    "The workbook is too large: unpacked it may have 64 megabytes, 100000 rows and 50 columns."
)
UNREADABLE = (
    "The file is not a workbook that can be read; save it as .xlsx again, or as CSV in UTF-8."
)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


PLAIN = workbook(["code"], ["A"])


def changed(change: Callable[[bytes], bytes], part: str = SHEET, new_name: str = "") -> bytes:
    """The plain workbook with one of its parts changed."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(PLAIN)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                new.writestr(new_name or name, change(content))
            else:
                new.writestr(name, content.replace(b"sheet1.xml", _target(new_name)))
    return file.getvalue()


def _target(new_name: str) -> bytes:
    return new_name.rpartition("/")[2].encode() or b"sheet1.xml"


def fault(content: bytes) -> tuple[int, str]:
    answer = sheet_from(content)
    assert isinstance(answer, LineError), answer
    return answer.line, answer.sentence


def read(content: bytes) -> Sheet:
    answer = sheet_from(content)
    assert isinstance(answer, Sheet), answer
    return answer


@pytest.mark.parametrize(
    "content",
    [
        b"code,description\nA,Text\n",
        b"\xef\xbb\xbfcode,description\nA,Text\n",
        b"code;description\r\nA;Text\r\n",
        b"code,description\rA,Text\r",
        b'"code","description"\nA,"Text"',
        b" CODE , Description ,,\nA,Text,,\n",
    ],
)
def test_csv_in_any_usual_form_is_read(content: bytes) -> None:
    sheet = read(content)
    assert sheet.header == ("code", "description")
    assert sheet.rows == [(2, {"code": "A", "description": "Text"})]


def test_lines_are_numbered_as_a_person_counts_them() -> None:
    sheet = read(b'\n\ncode,description\n\nA,"one\ntwo"\n , \nB,Text\n')
    assert sheet.header_line == 3
    assert [line for line, _ in sheet.rows] == [5, 8]


def test_a_cell_beyond_the_header_is_noticed() -> None:
    assert read(b"code\nA,stray\n").rows == [(2, {"code": "A", "": "stray"})]


def test_an_empty_file_has_no_header() -> None:
    assert read(b"").header == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"code\nA\n\xe4\n", (3, "The file is not in UTF-8; save it as CSV in UTF-8.")),
        (
            "code\nA\n".encode("utf-16"),
            (1, "The file is not in UTF-8; save it as CSV in UTF-8."),
        ),
        (
            b'code\nA\n"open\n',
            (
                3,
                "The quotes do not fit: a quoted cell ends with a quote and then a comma or"
                " semicolon.",
            ),
        ),
        (
            b"code\n" + b"x" * 200_000,
            (2, "A cell is longer than any that could be taken."),
        ),
        (b"code\nA" + b",A" * 50, (2, "The line has more than 50 cells.")),
    ],
)
def test_csv_that_cannot_be_read_names_the_line(content: bytes, expected: tuple[int, str]) -> None:
    assert fault(content) == expected


def test_csv_is_read_no_further_than_one_row_too_many() -> None:
    assert len(read(b"code\n" + b"A\n" * 150_000).rows) == 100_001


def test_a_workbook_is_read_with_the_numbers_beside_its_rows() -> None:
    rows: list[list[object]] = [[], ["Code", "Order", "Enabled"], [], ["01", 2, True], ["B", 1.5]]
    sheet = read(workbook(*rows))
    assert (sheet.header, sheet.header_line) == (("code", "order", "enabled"), 2)
    assert sheet.rows == [
        (4, {"code": "01", "order": "2", "enabled": "true"}),
        (5, {"code": "B", "order": "1.5", "enabled": ""}),
    ]


def test_of_several_sheets_the_first_that_is_shown_counts() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("shown").append(["code"])
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()).header == ("code",)


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'),
        lambda xml: xml.replace(b'r="A2"', b'r="A1048576"'),
        lambda xml: xml.replace(b'r="A2"', b'r="XFD2"'),
        lambda xml: xml.replace(b'<row r="2">', b'<row r="1048576">'),
        lambda xml: xml.replace(b'<c r="A2"', b"<c/>" * 60 + b'<c r="A2"'),
        lambda xml: xml + b" " * 70_000_000,
    ],
    ids=["far corner", "far down", "far right", "row far down", "many cells", "much text"],
)
def test_a_small_file_that_unpacks_to_a_huge_sheet_is_refused(
    change: Callable[[bytes], bytes],
) -> None:
    content = changed(change)
    assert len(content) < 100_000
    assert fault(content) == (1, TOO_LARGE)


def test_a_huge_sheet_is_found_under_any_name() -> None:
    content = changed(
        lambda xml: xml.replace(b'r="A2"', b'r="XFD1048576"'), new_name="xl/worksheets/other.xml"
    )
    assert fault(content) == (1, TOO_LARGE)


def test_a_dimension_that_is_not_true_does_no_harm() -> None:
    content = changed(lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    assert read(content).rows == [(2, {"code": "A"})]


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    packed = bytearray(changed(lambda xml: xml + b" " * 5_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(packed))) as honest:
        true_size = honest.getinfo(SHEET).file_size
    lie = packed.replace(true_size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != packed
    assert fault(bytes(lie)) == (1, UNREADABLE)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and no more",
        PLAIN[: len(PLAIN) // 2],
        changed(lambda xml: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml),
        changed(lambda xml: xml[:-20]),
        changed(lambda xml: xml.replace(b'r="A2"', b'r="A2x"')),
        changed(lambda _: b"", part="xl/workbook.xml"),
    ],
    ids=["no zip", "half a zip", "entities", "broken XML", "odd name of a cell", "no workbook"],
)
def test_what_is_no_workbook_is_told_so(content: bytes) -> None:
    assert fault(content)[1] in (UNREADABLE, TOO_LARGE)


TEXT_CELL = b't="inlineStr"><is><t>A</t></is></c>'


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (b"><v>1e400</v></c>", CHANGED_NUMBER),
        (b"><v>1234567890123456</v></c>", CHANGED_NUMBER),
        (b"><v>0.12345678901234567</v></c>", CHANGED_NUMBER),
        (
            b't="e"><v>#REF!</v></c>',
            "The cell shows an error instead of a value; correct its formula.",
        ),
        (
            b"><f>1+1</f><v></v></c>",
            "The formula has no value yet; open the workbook, let it compute, and save it.",
        ),
    ],
)
def test_a_cell_without_a_true_value_is_an_error_of_its_line(cell: bytes, sentence: str) -> None:
    sheet = read(changed(lambda xml: xml.replace(TEXT_CELL, cell)))
    columns = Columns(required=("code",), optional=())
    errors = [e for e in sheet_errors(sheet, columns) if e.line == 2]
    assert errors == [LineError(line=2, column="code", sentence=sentence)]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b"><v>2.2000000000000002</v></c>", "2.2"),
        (b"><v>123456789012345</v></c>", "123456789012345"),
        (b'><f>"B"</f><v>2</v></c>', "2"),
        (b't="str"><f>"B"</f><v>B</v></c>', "B"),
    ],
)
def test_numbers_and_formulas_with_a_value_are_read(cell: bytes, text: str) -> None:
    sheet = read(changed(lambda xml: xml.replace(TEXT_CELL, cell)))
    assert (sheet.rows, sheet.faults) == ([(2, {"code": text})], ())


@pytest.mark.parametrize("number", [b"-1", b"-2", b"1.5", b"9", b"x"])
def test_a_text_that_points_nowhere_makes_the_file_unreadable(number: bytes) -> None:
    cell = b't="s"><v>' + number + b"</v></c>"
    assert fault(changed(lambda xml: xml.replace(TEXT_CELL, cell))) == (1, UNREADABLE)


def test_an_error_on_a_sheet_that_is_not_read_does_no_harm() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["code"])
    book.create_sheet("other").append(["=1+1"])
    file = io.BytesIO()
    book.save(file)
    assert read(file.getvalue()).faults == ()


def test_an_old_excel_file_is_told_how_to_save_it() -> None:
    assert fault(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100) == (
        1,
        "The file is an old Excel file, or locked by a password. Save it as .xlsx without a"
        " password, or as CSV in UTF-8.",
    )
