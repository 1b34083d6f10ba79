"""Import of block descriptions: checked whole, errors by line, a plan of what will change."""

from dataclasses import replace
from uuid import UUID

import pytest

from rules.block_tables import BlockDescription
from rules.description_import import DescriptionImportPlan, description_import
from rules.import_sheet import LineError, Sheet
from rules.specimens import UNPAID

LOST = replace(UNPAID, id=UUID(int=51), code="LOST", text="Lost book", position=1, is_default=True)
TABLE = (UNPAID, LOST)
HEADER = ("code", "description", "default", "enabled", "order")


def sheet(*lines: str, header: tuple[str, ...] = HEADER) -> Sheet:
    rows = [
        (number, dict(zip(header, line.split("|"), strict=False)))
        for number, line in enumerate(lines, start=2)
    ]
    return Sheet(header=header, rows=rows)


def errors_of(read: Sheet, table: tuple[BlockDescription, ...] = TABLE) -> list[LineError]:
    answer = description_import(read, table)
    assert not isinstance(answer, DescriptionImportPlan)
    return list(answer)


def plan_of(read: Sheet, table: tuple[BlockDescription, ...] = TABLE) -> DescriptionImportPlan:
    answer = description_import(read, table)
    assert isinstance(answer, DescriptionImportPlan)
    return answer


def test_new_codes_are_added_last_and_known_ones_changed() -> None:
    plan = plan_of(sheet("DAMAGE|Damaged book", "UNPAID|Fees to pay", "LOST|Lost book"))
    assert [(one.line, one.draft.code, one.position) for one in plan.adds] == [(2, "DAMAGE", 2)]
    assert [(one.line, one.draft.text) for one in plan.changes] == [(3, "Fees to pay")]
    assert [one.line for one in plan.unchanged] == [4]


def test_columns_left_out_keep_what_the_table_has() -> None:
    table = (replace(UNPAID, is_enabled=False), LOST)
    plan = plan_of(sheet("UNPAID|Unpaid fees", header=("code", "description")), table)
    assert (plan.adds, plan.changes) == ((), ())


def test_a_new_default_is_taken_from_the_description_that_had_it() -> None:
    plan = plan_of(sheet("UNPAID|Unpaid fees|yes"))
    assert [(one.line, one.draft.code, one.draft.is_default) for one in plan.changes] == [
        (2, "UNPAID", True),
        (None, "LOST", False),
    ]


def test_the_present_default_gives_way_where_its_line_is_silent() -> None:
    plan = plan_of(sheet("LOST|Lost book", "UNPAID|Unpaid fees|TRUE"))
    assert {one.draft.code: one.draft.is_default for one in plan.changes} == {
        "UNPAID": True,
        "LOST": False,
    }


def test_asking_for_a_place_moves_the_others() -> None:
    plan = plan_of(sheet("LOST|Lost book|||0"))
    assert [(one.line, one.draft.code, one.position) for one in plan.changes] == [
        (2, "LOST", 0),
        (None, "UNPAID", 1),
    ]


@pytest.mark.parametrize(
    ("lines", "line", "column", "sentence"),
    [
        (["|Text"], 2, "code", "This cannot be empty."),
        (["CODE|"], 2, "description", "This cannot be empty."),
        (["A|x|maybe"], 2, "default", "maybe is not one of true, false, yes, no, 1 and 0."),
        (["A|x|||first"], 2, "order", "first is not a whole number."),
        (["A|x|||-1"], 2, "order", "-1 is not a whole number."),
        (["A|x", "A|y"], 3, "code", "A stands on line 2 already."),
        (["A|x", "a|y"], 3, "code", "a differs from A in line 2 only in upper and lower case."),
        (
            ["Unpaid|x"],
            2,
            "code",
            "Unpaid differs from UNPAID in the table only in upper and lower case.",
        ),
        (
            ["A|x|true", "B|y|true"],
            3,
            "default",
            "Line 2 is the default already; there is only one.",
        ),
        (
            ["LOST|Lost book|true", "B|y|true"],
            3,
            "default",
            "Line 2 is the default already; there is only one.",
        ),
        (["A|x|||4", "B|y|||4"], 3, "order", "Line 2 asks for place 4 already."),
        (
            ["A|x|true|false"],
            2,
            "default",
            "A disabled description cannot be the default; enable it.",
        ),
        (
            ["LOST|Lost book||no"],
            2,
            "default",
            "A disabled description cannot be the default; enable it.",
        ),
        (
            ["A|bad\x07"],
            2,
            "description",
            "The text contains a control character (U+0007), which cannot be kept.",
        ),
        ([f"A|{'x' * 201}"], 2, "description", "The text is longer than 200 characters."),
    ],
)
def test_each_error_names_its_line_and_column(
    lines: list[str], line: int, column: str, sentence: str
) -> None:
    assert errors_of(sheet(*lines)) == [LineError(line=line, column=column, sentence=sentence)]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (("code",), "The column description is missing."),
        (("code", "description", "code"), "The column code is there twice."),
        (
            ("code", "description", "colour"),
            "The column colour is not known. "
            "The columns are: code, description, default, enabled, order.",
        ),
        (("code", "description", ""), "A column has no name."),
        (
            (),
            "The file has no header line. "
            "The columns are: code, description, default, enabled, order.",
        ),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: tuple[str, ...], sentence: str) -> None:
    assert [error.sentence for error in errors_of(sheet("A|x", header=header))] == [sentence]


def test_a_header_alone_is_refused() -> None:
    assert [error.line for error in errors_of(sheet())] == [1]


def test_cells_beyond_the_header_are_refused() -> None:
    read = Sheet(header=("code", "description"), rows=[(2, {"code": "A", "?": "x"})])
    assert [(error.line, error.column) for error in errors_of(read)] == [(2, None)]


def test_more_than_a_hundred_thousand_rows_are_refused() -> None:
    read = Sheet(header=HEADER, rows=[(2, {})] * 100_001)
    assert [error.sentence for error in errors_of(read)] == [
        "The file has more than 100000 rows; split it."
    ]


def test_one_bad_line_among_many_is_the_one_error() -> None:
    lines = [f"C{number}|Text {number}" for number in range(3000)]
    lines[1999] = "C1999|"
    assert [(error.line, error.column) for error in errors_of(sheet(*lines))] == [
        (2001, "description")
    ]


def test_text_is_taken_in_nfc() -> None:
    plan = plan_of(sheet(" CAFE\u0301 |Cafe\u0301"))
    assert [(one.draft.code, one.draft.text) for one in plan.adds] == [("CAFÉ", "Café")]


def test_importing_the_same_sheet_again_changes_nothing() -> None:
    read = sheet("DAMAGE|Damaged book|yes||0", "LOST|Lost book|no")
    plan = plan_of(read)
    ids = iter(range(100, 200))
    after = tuple(
        BlockDescription(
            id=one.current.id if one.current else UUID(int=next(ids)),
            code=one.draft.code,
            text=one.draft.text,
            is_enabled=one.draft.is_enabled,
            is_default=one.draft.is_default,
            position=one.position,
        )
        for one in (*plan.adds, *plan.changes, *plan.unchanged)
    )
    again = plan_of(read, after)
    assert (again.adds, again.changes) == ((), ())
