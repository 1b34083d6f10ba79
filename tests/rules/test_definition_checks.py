"""Block definitions and blocked-action codes: what is taken, refused and warned of."""

from dataclasses import replace
from uuid import UUID

import pytest

from rules.actions import ALL_ACTIONS, ALL_ACTIONS_CODE, Action
from rules.block_tables import CONSORTIA, OVERDUE, BlockType, Overridable
from rules.definition_checks import (
    ActionCodeDraft,
    DefinitionDraft,
    action_code_notices,
    action_code_problems,
    definition_notices,
    definition_problems,
    why_not_deletable_action_code,
    why_not_deletable_definition,
)
from rules.specimens import LOAN_ONLY, UNPAID, UNPAID_DEFINITION

CONSORTIAL = replace(UNPAID, id=UUID(int=41), code=CONSORTIA)
LOST = replace(UNPAID, id=UUID(int=42), code="LOST")

DRAFT = DefinitionDraft(
    row_id="LOST",
    description=LOST,
    blocked_action=LOAN_ONLY,
    block_type=BlockType.GENERAL,
    overridable=Overridable.ALL,
)
AFNBLOCK = replace(
    DRAFT, row_id="AFNBLOCK", description=CONSORTIAL, block_type=BlockType.CONSORTIAL
)
FROM_TARGET = replace(AFNBLOCK, row_id="FROM_TARGET", description=LOST, is_network_block=True)


@pytest.mark.parametrize(
    ("draft", "paths"),
    [
        (DRAFT, []),
        (replace(DRAFT, is_network_block=True), []),
        (AFNBLOCK, []),
        (FROM_TARGET, []),
        (replace(AFNBLOCK, is_network_block=True), [("is_network_block",)]),
        (replace(AFNBLOCK, block_type=BlockType.GENERAL), [("block_type",)]),
        (replace(DRAFT, row_id=""), [("row_id",)]),
        (replace(DRAFT, row_id="UNPAID"), [("row_id",)]),
        (replace(DRAFT, row_id="Unpaid"), [("row_id",)]),
        (replace(DRAFT, description=UNPAID), [("description",)]),
        (
            replace(DRAFT, blocked_action=replace(LOAN_ONLY, actions=frozenset())),
            [("blocked_action",)],
        ),
    ],
)
def test_a_definition_is_taken_or_each_fault_is_named(
    draft: DefinitionDraft, paths: list[tuple[str, ...]]
) -> None:
    assert [one.path for one in definition_problems(draft, [UNPAID_DEFINITION])] == paths


def test_the_id_of_a_definition_is_fixed_after_saving() -> None:
    draft = replace(DRAFT, row_id="FEES", description=UNPAID)
    assert [one.path for one in definition_problems(draft, [], current=UNPAID_DEFINITION)] == [
        ("row_id",)
    ]


@pytest.mark.parametrize(
    ("draft", "paths"),
    [
        (DRAFT, []),
        (replace(DRAFT, is_network_block=True), []),
        (AFNBLOCK, []),
        (FROM_TARGET, [("is_network_block",)]),
        (replace(DRAFT, description=replace(LOST, code=OVERDUE)), [("block_type",)]),
    ],
)
def test_a_definition_is_warned_of_where_it_needs_a_word(
    draft: DefinitionDraft, paths: list[tuple[str, ...]]
) -> None:
    assert [notice.path for notice in definition_notices(draft)] == paths


@pytest.mark.parametrize("block_type", list(BlockType))
def test_leaving_the_type_demerit_or_consortial_is_warned_of(block_type: BlockType) -> None:
    current = replace(UNPAID_DEFINITION, block_type=block_type)
    draft = replace(DRAFT, block_type=BlockType.USER)
    relied_on = block_type in (BlockType.DEMERIT, BlockType.CONSORTIAL)
    assert bool(definition_notices(draft, current=current)) is relied_on


def test_a_code_without_actions_is_refused() -> None:
    draft = ActionCodeDraft(code="05", name="Nothing", actions=frozenset())
    assert [one.path for one in action_code_problems(draft, [])] == [("actions",)]


def test_a_code_that_is_taken_is_refused() -> None:
    draft = ActionCodeDraft(code="01", name="Loan", actions=frozenset({Action.LOAN}))
    assert [one.path for one in action_code_problems(draft, [LOAN_ONLY])] == [("code",)]


def test_renewals_without_automatic_ones_are_warned_of() -> None:
    draft = ActionCodeDraft(code="05", name="Renewal", actions=frozenset({Action.RENEW}))
    assert [notice.path for notice in action_code_notices(draft)] == [("actions",)]
    assert action_code_notices(replace(draft, actions=ALL_ACTIONS)) == ()


def test_a_definition_with_blocks_cannot_be_deleted() -> None:
    assert why_not_deletable_definition(UNPAID_DEFINITION, live_blocks=3)
    assert why_not_deletable_definition(UNPAID_DEFINITION, live_blocks=0) is None


def test_a_code_in_use_and_the_code_for_everything_cannot_be_deleted() -> None:
    everything = replace(LOAN_ONLY, id=UUID(int=43), code=ALL_ACTIONS_CODE)
    assert why_not_deletable_action_code(LOAN_ONLY, [UNPAID_DEFINITION])
    assert why_not_deletable_action_code(everything, [])
    assert why_not_deletable_action_code(LOAN_ONLY, []) is None
