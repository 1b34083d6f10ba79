"""Standings as hypothesis draws them: every kind of block, account and preference."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from rules.actions import Action, BlockedActionCode
from rules.block_tables import Overridable
from rules.gate import BlockPreference, ReasonCode, Standing
from rules.specimens import BLOCK, LOAN_ONLY, NOON, STANDING, UNPAID_DEFINITION
from rules.user_blocks import AccountBlock, BlockOrigin, BlockStatus, Removal, UserBlock
from rules.users import AccountStatus

ACCOUNT_BLOCK = AccountBlock(
    id=UUID(int=90),
    user_id=STANDING.user.id,
    comment="Shouted at staff",
    blocked_by="desk-1",
    blocked_at=NOON - timedelta(days=1),
    version=3,
)

REMOVAL = Removal(removed_at=NOON - timedelta(days=1), removed_by="desk-1", reason="Paid")

action_sets = st.frozensets(st.sampled_from(Action), min_size=1)


def code_for(actions: frozenset[Action]) -> BlockedActionCode:
    return replace(LOAN_ONLY, code="X", actions=actions)


@st.composite
def user_blocks(draw: st.DrawFn) -> UserBlock:
    definition = replace(
        UNPAID_DEFINITION,
        blocked_action=code_for(draw(action_sets)),
        overridable=draw(st.sampled_from(Overridable)),
    )
    return replace(
        BLOCK,
        id=draw(st.uuids()),
        definition=draw(st.sampled_from([definition, definition, None])),
        status=draw(st.sampled_from(BlockStatus)),
        origin=draw(st.sampled_from(BlockOrigin)),
        expires_at=draw(
            st.none() | st.integers(-2, 2).map(lambda hours: NOON + timedelta(hours=hours))
        ),
        created_at=NOON - timedelta(hours=draw(st.integers(3, 6))),
        version=draw(st.integers(1, 3)),
        removal=draw(st.sampled_from([None, None, REMOVAL])),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    checked = (ReasonCode.ACCOUNT_INACTIVE, ReasonCode.ACCOUNT_EXPIRED)
    preferences = {
        code: BlockPreference(
            reason=code,
            actions=draw(st.frozensets(st.sampled_from(Action))),
            overridable=draw(st.sampled_from(Overridable)),
            version=1,
        )
        for code in draw(st.frozensets(st.sampled_from(checked)))
    }
    return replace(
        STANDING,
        user=replace(STANDING.user, status=draw(st.sampled_from(AccountStatus))),
        expires_at=draw(
            st.none() | st.integers(-2, 2).map(lambda hours: NOON + timedelta(hours=hours))
        ),
        account_block=draw(st.sampled_from([None, None, ACCOUNT_BLOCK])),
        blocks=tuple(draw(st.lists(user_blocks(), max_size=5, unique_by=lambda block: block.id))),
        preferences=preferences,
    )
