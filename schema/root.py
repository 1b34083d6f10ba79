"""The schema: every noun's questions and commands under one root."""

import strawberry
from strawberry.schema.config import StrawberryConfig

import schema.enums  # noqa: F401  registers the enums before any type names them
from schema.block_tables import BlockTableQueries
from schema.errors import ERROR_TYPES
from schema.job_reports import JobReportMutations, JobReportQueries
from schema.user_blocks import UserBlockMutations
from schema.users import UserQueries
from schema.viewer import ViewerQueries


@strawberry.type(description="Questions.")
class Query(ViewerQueries, UserQueries, BlockTableQueries, JobReportQueries):
    pass


@strawberry.type(description="Commands.")
class Mutation(UserBlockMutations, JobReportMutations):
    pass


def build_schema() -> strawberry.Schema:
    """The one schema of the service."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=ERROR_TYPES,
        config=StrawberryConfig(enable_experimental_incremental_execution=False),
    )
