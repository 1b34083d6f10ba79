"""One reader, one block and one standing on which docstrings and tests show the rules."""

from datetime import UTC, datetime
from uuid import UUID

from rules.actions import Action, BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription, BlockType, Overridable
from rules.checks import default_preferences
from rules.gate import Standing
from rules.user_blocks import BlockOrigin, BlockStatus, Segment, UserBlock
from rules.users import AccountStatus, AccountType, RecordType, User

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

READER = User(
    id=UUID(int=1),
    primary_id="reader-1",
    first_name="Ines",
    last_name="Okafor",
    group=None,
    record_type=RecordType.PUBLIC,
    account_type=AccountType.INTERNAL,
    status=AccountStatus.ACTIVE,
    expires_on=None,
    preferred_language=None,
    version=1,
)

LOAN_ONLY = BlockedActionCode(
    id=UUID(int=2), code="01", name="Loan", actions=frozenset({Action.LOAN})
)

UNPAID = BlockDescription(
    id=UUID(int=3),
    code="UNPAID",
    text="Unpaid fees",
    is_enabled=True,
    is_default=False,
    position=0,
)

UNPAID_DEFINITION = BlockDefinition(
    id=UUID(int=4),
    row_id="UNPAID",
    description=UNPAID,
    blocked_action=LOAN_ONLY,
    block_type=BlockType.CASH,
    overridable=Overridable.OPERATOR,
    is_network_block=False,
)

BLOCK = UserBlock(
    id=UUID(int=5),
    user_id=READER.id,
    description=UNPAID,
    definition=UNPAID_DEFINITION,
    block_type=BlockType.CASH,
    status=BlockStatus.ACTIVE,
    expires_at=None,
    staff_note="Promised to pay on Friday",
    patron_text=None,
    origin=BlockOrigin.STAFF,
    segment=Segment.INTERNAL,
    created_by="desk-1",
    created_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    version=1,
)

STANDING = Standing(
    user=READER,
    expires_at=None,
    account_block=None,
    blocks=(),
    preferences=default_preferences(),
)
"""A reader in good standing: nothing stands against any action."""

BLOCKED_STANDING = Standing(
    user=READER,
    expires_at=None,
    account_block=None,
    blocks=(BLOCK,),
    preferences=default_preferences(),
)
"""The same reader with one block that stops loans."""
