"""The review list: open-ended and old blocks in force, each with its user."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import block_review
from rules.text import TextProblem, clean
from rules.user_blocks import UserBlock as BlockValue
from rules.user_blocks import blocks_for_review
from rules.user_records import UserRecord
from schema.context import Info
from schema.fields import argument, field, question
from schema.masking import PublicError
from schema.needs import parts_needed
from schema.nodes import Connection, connection, keys_of, page_size
from schema.user_blocks import UserBlock
from schema.users import User

OLDEST_DAYS = 36_500
CODE_LIMIT = 50


@strawberry.type(description="A block to look at again, with the user on whose record it is.")
class BlockToReview:
    user_block: UserBlock = field("The block.")
    user: User = field("The user.")
    age_days: int = field("For how many full days the block has been there.")
    is_open_ended: bool = field("Whether it stays until it is removed by hand.")

    @classmethod
    def of(cls, found: tuple[BlockValue, UserRecord], info: Info) -> "BlockToReview":
        block, record = found
        return cls(
            user_block=UserBlock.of(block, False),
            user=User.of(record, info),
            age_days=(info.context.scope.now - block.created_at).days,
            is_open_ended=block.expires_at is None,
        )


@strawberry.type
class BlockReviewQueries:
    @question("The blocks in force that are open-ended or old, oldest first.")
    def blocks_to_review(
        self,
        info: Info,
        *,
        older_than_days: Annotated[
            int | None,
            argument(
                "From what age a block is old; default: 365. With openEndedOnly, only blocks of "
                "this age are listed; default: of every age."
            ),
        ] = None,
        description_code: Annotated[
            str | None, argument("Only blocks of the description with this code.")
        ] = None,
        open_ended_only: Annotated[
            bool, argument("Only blocks that stay until they are removed by hand.")
        ] = False,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[BlockToReview]:
        scope = info.context.reading()
        wanted = blocks_for_review(
            scope.now,
            older_than_days=_days(older_than_days),
            description_code=_code(description_code),
            open_ended_only=open_ended_only,
        )
        page = block_review.blocks_to_review(
            scope,
            wanted,
            first=page_size(first),
            after=keys_of(after, datetime.fromisoformat, UUID),
            parts=parts_needed(info),
        )
        return connection(page, lambda found: BlockToReview.of(found, info))


def _days(days: int | None) -> int | None:
    if days is not None and not 0 <= days <= OLDEST_DAYS:
        raise PublicError("INVALID_INPUT", f"`olderThanDays` is a number from 0 to {OLDEST_DAYS}.")
    return days


def _code(code: str | None) -> str | None:
    cleaned = None if code is None else clean(code, limit=CODE_LIMIT)
    if isinstance(cleaned, TextProblem):
        raise PublicError("INVALID_INPUT", f"`descriptionCode`: {cleaned.sentence}")
    return cleaned
