"""The schema: every noun's questions and commands under one root."""

import strawberry
from strawberry.schema.config import StrawberryConfig

import schema.enums  # noqa: F401  registers the enums before any type names them
from schema.account_blocks import AccountBlockMutations
from schema.api_tokens import ApiTokenMutations, ApiTokenQueries
from schema.block_definitions import BlockDefinitionMutations, BlockDefinitionQueries
from schema.block_descriptions import BlockDescriptionMutations, BlockDescriptionQueries
from schema.block_preferences import BlockPreferenceMutations, BlockPreferenceQueries
from schema.block_review import BlockReviewQueries
from schema.blocked_action_codes import BlockedActionCodeMutations, BlockedActionCodeQueries
from schema.errors import ERROR_TYPES
from schema.gate_passes import GatePassMutations
from schema.history import HistoryQueries
from schema.institutions import InstitutionQueries
from schema.job_reports import JobReportMutations, JobReportQueries
from schema.never_null import refuse_nulls
from schema.node_lookup import NodeQueries
from schema.override_events import OverrideEventQueries
from schema.permission_grants import PermissionGrantMutations, PermissionGrantQueries
from schema.table_imports import TableImportMutations
from schema.user_block_changes import UserBlockChangeMutations
from schema.user_blocks import UserBlockMutations
from schema.user_keeping import UserKeepingMutations
from schema.user_notes import UserNoteMutations
from schema.user_roles import UserRoleMutations
from schema.users import UserQueries
from schema.viewer import ViewerQueries


@strawberry.type(description="Questions.")
class Query(
    ViewerQueries,
    NodeQueries,
    InstitutionQueries,
    UserQueries,
    BlockReviewQueries,
    PermissionGrantQueries,
    BlockDescriptionQueries,
    BlockDefinitionQueries,
    BlockedActionCodeQueries,
    BlockPreferenceQueries,
    JobReportQueries,
    OverrideEventQueries,
    HistoryQueries,
    ApiTokenQueries,
):
    pass


@strawberry.type(description="Commands.")
class Mutation(
    UserBlockMutations,
    UserBlockChangeMutations,
    AccountBlockMutations,
    UserNoteMutations,
    UserKeepingMutations,
    UserRoleMutations,
    PermissionGrantMutations,
    JobReportMutations,
    GatePassMutations,
    ApiTokenMutations,
    BlockDescriptionMutations,
    BlockDefinitionMutations,
    BlockedActionCodeMutations,
    BlockPreferenceMutations,
    TableImportMutations,
):
    pass


def build_schema() -> strawberry.Schema:
    """The one schema of the service."""
    built = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=ERROR_TYPES,
        config=StrawberryConfig(enable_experimental_incremental_execution=False),
    )
    refuse_nulls(built)
    return built
