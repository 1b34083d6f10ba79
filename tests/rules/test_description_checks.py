"""The list of block descriptions: what it takes, what it warns of, how it is reordered."""

from dataclasses import replace
from uuid import UUID

import pytest

from rules.block_tables import CONSORTIA, OVERDUE, BlockDescription, BlockType
from rules.description_checks import (
    DescriptionDraft,
    description_notices,
    description_problems,
    reordered,
    why_not_deletable_description,
)
from rules.problems import Problem
from rules.specimens import UNPAID, UNPAID_DEFINITION

LOST = replace(UNPAID, id=UUID(int=31), code="LOST", text="Lost book", position=1)


def paths_of(draft: DescriptionDraft, *others: BlockDescription) -> list[tuple[str, ...]]:
    return [problem.path for problem in description_problems(draft, others)]


@pytest.mark.parametrize(
    ("draft", "paths"),
    [
        (DescriptionDraft(code="DAMAGE", text="Damaged book"), []),
        (DescriptionDraft(code="ß" * 50, text="借" * 200), []),
        (DescriptionDraft(code="", text=""), [("code",), ("text",)]),
        (DescriptionDraft(code="x" * 51, text="x" * 201), [("code",), ("text",)]),
        (DescriptionDraft(code=" DAMAGE", text="Damaged"), [("code",)]),
        (DescriptionDraft(code="DAM\tAGE", text="Dam\x00aged"), [("code",), ("text",)]),
        (DescriptionDraft(code="e\u0301", text="x"), [("code",)]),
        (DescriptionDraft(code="UNPAID", text="x"), [("code",)]),
        (DescriptionDraft(code="unpaid", text="x"), [("code",)]),
        (
            DescriptionDraft(code="D", text="x", is_enabled=False, is_default=True),
            [("is_default",)],
        ),
        (DescriptionDraft(code="x" * 10_000_000, text="y" * 10_000_000), [("code",), ("text",)]),
    ],
)
def test_a_description_is_taken_or_each_fault_is_named(
    draft: DescriptionDraft, paths: list[tuple[str, ...]]
) -> None:
    assert paths_of(draft, UNPAID) == paths


def test_no_sentence_repeats_an_endless_input() -> None:
    endless = DescriptionDraft(code="x" * 100_000, text="y" * 100_000)
    assert all(len(problem.sentence) < 300 for problem in description_problems(endless, [UNPAID]))


def test_a_description_with_a_network_definition_cannot_become_consortia() -> None:
    network = replace(UNPAID_DEFINITION, is_network_block=True)
    problems = description_problems(
        DescriptionDraft(code=CONSORTIA, text="Consortial block"), [], definition=network
    )
    assert [problem.path for problem in problems] == [("code",), ("code",)]


def test_a_description_with_a_consortial_definition_may_become_consortia() -> None:
    consortial = replace(UNPAID_DEFINITION, block_type=BlockType.CONSORTIAL)
    draft = DescriptionDraft(code=CONSORTIA, text="Consortial block")
    assert description_problems(draft, [], definition=consortial) == ()


@pytest.mark.parametrize("code", [OVERDUE, CONSORTIA])
def test_renaming_disabling_and_deleting_a_code_the_system_looks_for_warns(code: str) -> None:
    current = replace(UNPAID, code=code)
    same = DescriptionDraft(code=code, text="Another text")
    assert description_notices(current, same) == ()
    assert len(description_notices(current, replace(same, code="OTHER"))) == 1
    assert len(description_notices(current, replace(same, is_enabled=False))) == 1
    assert len(description_notices(current, None)) == 1


def test_other_codes_are_renamed_and_deleted_without_a_warning() -> None:
    assert description_notices(UNPAID, None) == ()
    assert description_notices(UNPAID, DescriptionDraft(code="FEES", text="Fees")) == ()


def test_the_new_order_counts_from_zero() -> None:
    answer = reordered([UNPAID, LOST], [LOST.id, UNPAID.id])
    assert not isinstance(answer, Problem)
    assert [(one.code, one.position) for one in answer] == [("LOST", 0), ("UNPAID", 1)]


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        [UNPAID.id],
        [UNPAID.id, UNPAID.id],
        [UNPAID.id, LOST.id, LOST.id],
        [UNPAID.id, UUID(int=1)],
    ],
)
def test_an_order_that_misses_or_repeats_a_description_is_refused(wanted: list[UUID]) -> None:
    assert isinstance(reordered([UNPAID, LOST], wanted), Problem)


def test_a_description_in_use_cannot_be_deleted() -> None:
    used = why_not_deletable_description(UNPAID, definition=UNPAID_DEFINITION, live_blocks=0)
    assert used is not None
    assert used.sentence == (
        "UNPAID cannot be deleted: the definition UNPAID uses it. Disable it instead."
    )
    assert why_not_deletable_description(UNPAID, definition=None, live_blocks=3)
    assert why_not_deletable_description(UNPAID, definition=None, live_blocks=0) is None
