"""The review list of blocks (seed S1 asks libraries for periodic reviews)."""

from rules.pages import Page
from rules.user_blocks import BlockReview, UserBlock
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import block_review
from tenancy.scopes import InstitutionScope


def blocks_to_review(
    scope: InstitutionScope,
    wanted: BlockReview,
    *,
    first: int,
    after: tuple[str, ...] | None,
    parts: frozenset[UserPart],
) -> Page[tuple[UserBlock, UserRecord]]:
    """Open-ended and old blocks in force, oldest first, each with its user."""
    return block_review.blocks_to_review(scope.db, wanted, first=first, after=after, parts=parts)
