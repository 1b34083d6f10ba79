"""The hard block of an account as clients see it, and the commands that set and lift it."""

from datetime import datetime
from typing import Annotated

import strawberry

from resolvers import account_blocks
from rules.user_blocks import AccountBlock as AccountBlockValue
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field
from schema.ids import NOBODY, encoded, number_of
from schema.nodes import Node
from schema.user_block_changes import SEEN


@strawberry.type(
    description="The block of a whole account: it stops every action at this institution, and "
    "nobody can override it."
)
class AccountBlock(Node):
    comment: str | None = field("Why, for staff; patrons read null.")
    blocked_by: str | None = field("Who blocked the account; patrons read null.")
    blocked_at: datetime = field("When it was blocked.")
    version: int = field("Counts the changes of the block, from 1.")

    @classmethod
    def of(cls, value: AccountBlockValue, for_patron: bool) -> "AccountBlock":
        return cls(
            id=encoded("k", value.id),
            comment=None if for_patron else value.comment,
            blocked_by=None if for_patron else value.blocked_by,
            blocked_at=value.blocked_at,
            version=value.version,
        )


@strawberry.input(description="The account to block.")
class AccountBlockAddInput:
    user: strawberry.ID = field("The user.")
    comment: str = field("Why, for staff; the patron never reads it. At most 4,000 characters.")


@strawberry.type(description="What came of blocking an account.")
class AccountBlockAddPayload:
    account_block: AccountBlock | None = field("The block; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.input(description="The account to unblock.")
class AccountBlockLiftInput:
    user: strawberry.ID = field("The user.")
    version: int | None = field(SEEN, default=None)


@strawberry.type(description="What came of unblocking an account.")
class AccountBlockLiftPayload:
    account_block: AccountBlock | None = field("What was lifted; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class AccountBlockMutations:
    @command("Blocks a whole account at this institution, whatever else stands on the record.")
    def account_block_add(
        self, info: Info, input: Annotated[AccountBlockAddInput, argument("Whom, and why.")]
    ) -> AccountBlockAddPayload:
        user_id = number_of(input.user, "User") or NOBODY
        block = account_blocks.add_account_block(info.context.writing(), user_id, input.comment)
        return AccountBlockAddPayload(account_block=AccountBlock.of(block, False), user_errors=[])

    @command("Lifts the block of a whole account; other blocks stay.")
    def account_block_lift(
        self, info: Info, input: Annotated[AccountBlockLiftInput, argument("Whose.")]
    ) -> AccountBlockLiftPayload:
        user_id = number_of(input.user, "User") or NOBODY
        block = account_blocks.lift_account_block(
            info.context.writing(), user_id, seen_version=input.version
        )
        return AccountBlockLiftPayload(account_block=AccountBlock.of(block, False), user_errors=[])
