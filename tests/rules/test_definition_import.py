"""Import of block definitions: looked up in the tables, checked whole, then planned."""

from dataclasses import replace
from uuid import UUID

import pytest

from rules.block_tables import CONSORTIA, BlockType, Overridable
from rules.definition_import import DefinitionImportPlan, DefinitionTables, definition_import
from rules.import_sheet import LineError, Sheet
from rules.specimens import LOAN_ONLY, UNPAID, UNPAID_DEFINITION

LOST = replace(UNPAID, id=UUID(int=61), code="LOST")
CONSORTIAL = replace(UNPAID, id=UUID(int=62), code=CONSORTIA)
LOST_DEFINITION = replace(UNPAID_DEFINITION, id=UUID(int=63), row_id="LOST", description=LOST)
TABLES = DefinitionTables(
    definitions=[UNPAID_DEFINITION, LOST_DEFINITION],
    descriptions=[UNPAID, LOST, CONSORTIAL],
    action_codes=[LOAN_ONLY],
)
HEADER = ("id", "description_code", "type", "blocked_action", "overridable", "network_block")


def imported(*lines: str) -> DefinitionImportPlan | tuple[LineError, ...]:
    rows = [
        (number, dict(zip(HEADER, line.split("|"), strict=False)))
        for number, line in enumerate(lines, start=2)
    ]
    return definition_import(Sheet(header=HEADER, rows=rows), TABLES)


def plan_of(*lines: str) -> DefinitionImportPlan:
    answer = imported(*lines)
    assert isinstance(answer, DefinitionImportPlan)
    return answer


def test_lines_add_change_and_leave_alone() -> None:
    plan = plan_of(
        "AFNBLOCK|CONSORTIA|Consortial block|01|all",
        "UNPAID|UNPAID|Cash|01|NONE",
        "LOST|LOST|CASH|01|OPERATOR|FALSE",
    )
    (added,) = plan.adds
    assert (added.draft.block_type, added.draft.overridable) == (
        BlockType.CONSORTIAL,
        Overridable.ALL,
    )
    assert [one.draft.overridable for one in plan.changes] == [Overridable.NONE]
    assert [one.line for one in plan.unchanged] == [4]


def test_two_definitions_may_swap_their_descriptions() -> None:
    plan = plan_of("UNPAID|LOST|Cash|01|OPERATOR", "LOST|UNPAID|Cash|01|OPERATOR")
    assert [one.draft.description.code for one in plan.changes] == ["LOST", "UNPAID"]


@pytest.mark.parametrize(
    ("lines", "line", "column", "sentence"),
    [
        (
            ["A|NONE|Cash|01|ALL"],
            2,
            "description_code",
            "NONE is not in the table of block descriptions.",
        ),
        (
            ["A|unpaid|Cash|01|ALL"],
            2,
            "description_code",
            "unpaid is not in the table of block descriptions.",
        ),
        (
            ["A|CONSORTIA|Consortial|1|ALL"],
            2,
            "blocked_action",
            "1 is not in the table of blocked-action codes.",
        ),
        (
            ["A|CONSORTIA|Fee|01|ALL"],
            2,
            "type",
            "Fee is not one of CASH, CONSORTIAL, DEMERIT, GENERAL, LOAN, RESOURCE_SHARING, USER.",
        ),
        (
            ["A|CONSORTIA|Consortial|01|Nobody"],
            2,
            "overridable",
            "Nobody is not one of ALL, OPERATOR, CIRCDESC, NONE.",
        ),
        (
            ["A|CONSORTIA|Consortial|01|ALL|TRUE"],
            2,
            "network_block",
            "Blocks with the description CONSORTIA come from another member and never travel on; "
            "they cannot be network blocks.",
        ),
        (
            ["A|CONSORTIA|Cash|01|ALL"],
            2,
            "type",
            "The definition of CONSORTIA must be of the type Consortial block.",
        ),
        (
            ["A|UNPAID|Cash|01|ALL"],
            2,
            "description_code",
            "UNPAID has a definition already: the definition UNPAID in the table.",
        ),
        (
            ["UNPAID|CONSORTIA|Consortial|01|ALL", "A|CONSORTIA|Consortial|01|ALL"],
            3,
            "description_code",
            "CONSORTIA has a definition already: line 2.",
        ),
        (
            ["UNPAID|UNPAID|Cash|01|ALL", "UNPAID|UNPAID|Cash|01|ALL"],
            3,
            "id",
            "UNPAID stands on line 2 already.",
        ),
        (
            [
                "afn|CONSORTIA|Consortial|01|ALL",
                "AFN|LOST|Cash|01|ALL",
                "LOST|UNPAID|Cash|01|ALL",
                "UNPAID|LOST|Casj|01|ALL",
            ],
            5,
            "type",
            "Casj is not one of CASH, CONSORTIAL, DEMERIT, GENERAL, LOAN, RESOURCE_SHARING, USER.",
        ),
    ],
)
def test_each_error_names_its_line_and_column(
    lines: list[str], line: int, column: str, sentence: str
) -> None:
    answer = imported(*lines)
    assert not isinstance(answer, DefinitionImportPlan)
    assert LineError(line=line, column=column, sentence=sentence) in answer


def test_a_line_with_an_error_brings_no_errors_on_other_lines() -> None:
    answer = imported("UNPAID|LOST|Casj|01|ALL", "LOST|UNPAID|Cash|01|ALL")
    assert not isinstance(answer, DefinitionImportPlan)
    assert [(error.line, error.column) for error in answer] == [(2, "type")]
