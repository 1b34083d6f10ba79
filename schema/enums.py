"""The library's choices as GraphQL enums: the enums of rules/ themselves, with descriptions."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.gate import ReasonCode, Verdict
from rules.history import Channel, HistoryRecordType
from rules.import_sheet import LineOutcome
from rules.job_reports import JobKind, JobStatus
from rules.override_events import OverrideOutcome
from rules.overrides import OverrideRefusal
from rules.roles import Permission, Role
from rules.user_blocks import BlockOrigin, BlockStatus, Segment
from rules.users import AccountStatus, AccountType, RecordType


def _described(kind: type[Enum], name: str, description: str, **values: str) -> None:
    strawberry.enum(kind, name=name, description=description)
    definition = kind.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry
    assert isinstance(definition, StrawberryEnumDefinition)
    missing = {value.name for value in definition.values} ^ values.keys()
    if missing:
        message = f"{name} lacks or exceeds descriptions: {sorted(missing)}"
        raise TypeError(message)
    for value in definition.values:
        value.description = values[value.name]


_described(
    Action,
    "Action",
    "Something that a patron does at the library and that a block can stop.",
    LOAN="Borrowing an item.",
    RENEW="Renewing a loan at the patron's or a desk's wish.",
    AUTO_RENEW="Renewal of a loan by the nightly job.",
    HOLD="Placing a hold request.",
    RESOURCE_SHARING="Placing a resource sharing request.",
)
_described(
    BlockType,
    "BlockType",
    "The type of a block definition; for information, except DEMERIT and CONSORTIAL.",
    CASH="Money is owed.",
    CONSORTIAL="Comes from another institution of the network, or is meant to travel there.",
    DEMERIT="A suspension for demerit points.",
    GENERAL="Anything else.",
    LOAN="Overdue loans.",
    RESOURCE_SHARING="Resource sharing requests.",
    USER="The patron's conduct or account.",
)
_described(
    Overridable,
    "Overridable",
    "Who may override a block at a circulation desk.",
    ALL="Any circulation desk operator, limited ones included, and managers.",
    OPERATOR="Circulation desk operators and managers, not limited operators.",
    CIRCDESC="Circulation desk managers only.",
    NONE="Nobody.",
)
_described(
    BlockStatus,
    "BlockStatus",
    "The toggle on the Blocks tab.",
    ACTIVE="The block is in force until it expires.",
    INACTIVE="The block is kept, and stops nothing.",
)
_described(
    BlockOrigin,
    "BlockOrigin",
    "What made a block.",
    STAFF="A member of staff.",
    IMPORT="A load of user data.",
    OVERDUE_JOB="The overdue and lost loan job.",
    RETURN="The return of an overdue item.",
    DEMERIT="Demerit points above the threshold.",
    COPY="A network block copied from the patron's home institution.",
)
_described(
    Segment,
    "Segment",
    "Whether the library or an outside system keeps a block.",
    INTERNAL="Kept by the library.",
    EXTERNAL="Replaced by the next load from the outside system.",
)
_described(
    AccountStatus,
    "AccountStatus",
    "Whether an account is in use.",
    ACTIVE="In use.",
    INACTIVE="Not in use: every action is stopped.",
)
_described(
    RecordType,
    "RecordType",
    "What kind of person a record stands for.",
    PUBLIC="A patron.",
    STAFF="A member of staff.",
    CONTACT="A contact person.",
)
_described(
    AccountType,
    "AccountType",
    "Where an account is kept.",
    INTERNAL="Made and kept at the library.",
    EXTERNAL="Loaded from an outside system, such as that of students.",
)
_described(
    Verdict,
    "Verdict",
    "The gate's answer for one action.",
    ALLOWED="Nothing stands against it.",
    BLOCKED="At least one reason stands against it.",
    UNKNOWN="Something could not be evaluated, and so stands against it.",
)
_described(
    ReasonCode,
    "ReasonCode",
    "Why an action may not go ahead.",
    ACCOUNT_BLOCKED="The whole account is blocked at this institution.",
    ACCOUNT_INACTIVE="The account is inactive.",
    ACCOUNT_EXPIRED="The account has expired.",
    USER_BLOCK="A block on the user is in force.",
    CHECK_UNKNOWN="A check could not be made.",
)
ROLE_DESCRIPTIONS = {
    Role.CIRCULATION_DESK_OPERATOR_LIMITED: "Works at a desk; overrides only what ALL may.",
    Role.CIRCULATION_DESK_OPERATOR: "Works at a desk.",
    Role.CIRCULATION_DESK_MANAGER: "Leads a desk.",
    Role.FULFILLMENT_SERVICES_OPERATOR: "Looks after loans and blocks behind the desk.",
    Role.FULFILLMENT_ADMINISTRATOR: "Sets up fulfillment: block tables, preferences, jobs.",
    Role.USER_MANAGER: "Keeps user records.",
    Role.USER_ADMINISTRATOR: "Keeps user records, their roles and permissions.",
    Role.GENERAL_SYSTEM_ADMINISTRATOR: "Sets up everything at the institution.",
    Role.NETWORK_ADMINISTRATOR: "Looks after the network; no institution's staff.",
    Role.PATRON: "Sees the own record.",
    Role.AUDITOR: "Reads, and changes nothing.",
}
_described(
    Role,
    "Role",
    "A role of staff, patrons or the network.",
    **{role.name: sentence for role, sentence in ROLE_DESCRIPTIONS.items()},
)
_described(
    Permission,
    "Permission",
    "A named permission that an institution gives to roles or persons.",
    BLOCK_PATRON="Block and unblock a whole account.",
    DELETE_PATRON="Delete a patron.",
    DOWNLOAD_PATRON_DATA="Download all data of a patron.",
    SEARCH_BY_NAME="Search users by name.",
)
_described(
    JobKind,
    "JobKind",
    "A job that runs every night, or when staff ask for it.",
    REMOVE_BLOCKS="Users - Remove Blocks: takes away blocks past their expiry.",
)
_described(
    JobStatus,
    "JobStatus",
    "Where a run of a job stands.",
    REQUESTED="Asked for; no worker has begun.",
    RUNNING="A worker is at it.",
    COMPLETED="Done.",
    FAILED="Given up; the report says why.",
)
_described(
    OverrideOutcome,
    "OverrideOutcome",
    "What came of a try to override.",
    GRANTED="The action could go ahead, once.",
    REFUSED="The action could not go ahead.",
)
_described(
    OverrideRefusal,
    "OverrideRefusal",
    "Why an override was refused.",
    NOTHING_TO_OVERRIDE="Nothing stood against the action.",
    NOT_OVERRIDABLE="A reason stood that this person could not override at this desk.",
    CHANGED="What stood was not what the override answered to.",
)
_described(
    Channel,
    "Channel",
    "The way by which a change came.",
    STAFF="A member of staff.",
    PATRON="The patron.",
    JOB="A job.",
    IMPORT="A load of data.",
    API="A front-end with an API token.",
    REFRESH="A refresh of a linked account.",
    SYSTEM="The service itself.",
)
_described(
    HistoryRecordType,
    "HistoryRecordType",
    "The kind of record that a change was made to.",
    USER="A user's account.",
    USER_BLOCK="A block on a user.",
    ACCOUNT_BLOCK="The block of a whole account.",
    USER_NOTE="A note about a user.",
    BLOCK_DESCRIPTION="A block description.",
    BLOCK_DEFINITION="A block definition.",
    BLOCKED_ACTION_CODE="A blocked-action code.",
    BLOCK_PREFERENCE="A block preference.",
    PERMISSION_GRANT="A permission that was given.",
    ROLE_GRANT="A role that was given.",
    API_TOKEN="An API token.",  # noqa: S106 - a description, not a secret
    PASS="A pass of the gate.",  # noqa: S106 - likewise
    OVERRIDE_EVENT="A try to override.",
    INSTITUTION="The institution itself.",
)
_described(
    LineOutcome,
    "ImportOutcome",
    "What becomes of a row of a table by an import.",
    ADD="It is new.",
    CHANGE="It was there, and is changed.",
    UNCHANGED="It was there, just so.",
)
