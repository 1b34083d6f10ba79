"""The records behind the counters of a job report."""

from uuid import UUID

from rules.pages import Page
from rules.user_blocks import UserBlock
from storage import job_records
from tenancy.scopes import InstitutionScope


def removed_blocks_page(
    scope: InstitutionScope, report_id: UUID, *, first: int, after: tuple[str, ...] | None
) -> Page[UserBlock]:
    """The blocks that a run of Users - Remove Blocks took away."""
    return job_records.removed_blocks_page(scope.db, report_id, first=first, after=after)
