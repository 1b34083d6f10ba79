"""`node(id)`: any record by its opaque id, for those who may see records of its type."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from resolvers import (
    account_blocks,
    api_tokens,
    block_definitions,
    block_descriptions,
    blocked_action_codes,
    gate_passes,
    history,
    institutions,
    job_reports,
    override_events,
    permissions,
    user_blocks,
    user_notes,
    users,
)
from schema.access import ACCESS
from schema.account_blocks import AccountBlock
from schema.api_tokens import ApiToken
from schema.block_definitions import BlockDefinition
from schema.block_descriptions import BlockDescription
from schema.blocked_action_codes import BlockedActionCode
from schema.circulation_desks import CirculationDesk
from schema.context import Info
from schema.fields import argument, question
from schema.gate_passes import GatePass
from schema.history import HistoryEvent
from schema.ids import decoded
from schema.institutions import Library, UserGroup
from schema.job_reports import JobReport
from schema.needs import parts_needed
from schema.nodes import Node
from schema.override_events import OverrideEvent
from schema.permission_grants import PermissionGrant
from schema.user_blocks import UserBlock
from schema.user_notes import UserNote
from schema.users import User

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Finder:
    """How a record of one type is found; `like` names the question whose roles may see it."""

    find: Callable[[Info, UUID], Node | None]
    like: str = "Query.users"


@strawberry.type
class NodeQueries:
    @question("A record by its id; null where the institution has none that you may see.")
    def node(
        self, info: Info, id: Annotated[strawberry.ID, argument("The id of the record.")]
    ) -> Node | None:
        found = decoded(id)
        finder = None if found is None else FINDERS.get(found[0])
        if found is None or finder is None:
            return None
        context = info.context
        if context.principal.roles(context.scope.now).isdisjoint(ACCESS[finder.like].roles):
            return None
        return finder.find(info, found[1])


def _user(info: Info, number: UUID) -> User | None:
    record = users.user_by_id(info.context.reading(), number, parts_needed(info))
    return None if record is None else User.of(record, info)


def _user_block(info: Info, number: UUID) -> UserBlock | None:
    block = user_blocks.block_by_id(info.context.reading(), number)
    return None if block is None else UserBlock.of(block, info.context.is_patron_only())


def _user_note(info: Info, number: UUID) -> UserNote | None:
    note = user_notes.note_by_id(info.context.reading(), number)
    return None if note is None else UserNote.of(note, info.context.is_patron_only())


def _account_block(info: Info, number: UUID) -> AccountBlock | None:
    block = account_blocks.account_block_by_id(info.context.reading(), number)
    return None if block is None else AccountBlock.of(block, False)


def _library(info: Info, number: UUID) -> Library | None:
    library = institutions.library_by_id(info.context.reading(), number)
    return None if library is None else Library.of(library)


def _desk(info: Info, number: UUID) -> CirculationDesk | None:
    found = institutions.desk_by_id(info.context.reading(), number)
    return None if found is None else CirculationDesk.of(found[0])


def _user_group(info: Info, number: UUID) -> UserGroup | None:
    group = institutions.user_group_by_id(info.context.reading(), number)
    return None if group is None else UserGroup.of(group)


def _permission_grant(info: Info, number: UUID) -> PermissionGrant | None:
    found = permissions.grant_by_id(info.context.reading(), number, parts_needed(info))
    return None if found is None else PermissionGrant.of(*found, info)


def _description(info: Info, number: UUID) -> BlockDescription | None:
    table = block_descriptions.descriptions(info.context.reading(), enabled_only=False)
    row = _of_id(number, ((value.id, value) for value in table))
    return None if row is None else BlockDescription.of(row)


def _definition(info: Info, number: UUID) -> BlockDefinition | None:
    table = block_definitions.definitions(info.context.reading())
    row = _of_id(number, ((value.id, value) for value in table))
    return None if row is None else BlockDefinition.of(row)


def _action_code(info: Info, number: UUID) -> BlockedActionCode | None:
    table = blocked_action_codes.action_codes(info.context.reading())
    row = _of_id(number, ((value.id, value) for value in table))
    return None if row is None else BlockedActionCode.of(row)


def _gate_pass(info: Info, number: UUID) -> GatePass | None:
    scope = info.context.reading()
    found = gate_passes.pass_by_id(scope, number)
    record = None if found is None else users.user_by_id(scope, found.user_id, parts_needed(info))
    if found is None or record is None:
        return None
    desk = None if found.desk_id is None else institutions.desk_by_id(scope, found.desk_id)
    return GatePass.of(found, User.of(record, info), None if desk is None else desk[0])


def _override_event(info: Info, number: UUID) -> OverrideEvent | None:
    event = override_events.event_by_id(info.context.reading(), number)
    return None if event is None else OverrideEvent.of(event, lambda: _user(info, event.user_id))


def _history_event(info: Info, number: UUID) -> HistoryEvent | None:
    event = history.event_by_id(info.context.reading(), number)
    return None if event is None else HistoryEvent.of(event)


def _job_report(info: Info, number: UUID) -> JobReport | None:
    report = job_reports.report_by_id(info.context.reading(), number)
    return None if report is None else JobReport.of(report)


def _api_token(info: Info, number: UUID) -> ApiToken | None:
    token = api_tokens.token_by_id(info.context.reading(), number)
    return None if token is None else ApiToken.of(token)


def _of_id(number: UUID, rows: Iterable[tuple[UUID, V]]) -> V | None:
    """Tables that are read whole anyway: a few dozen rows."""
    return next((value for row_id, value in rows if row_id == number), None)


FINDERS = {
    "User": Finder(_user, "Query.user"),
    "UserBlock": Finder(_user_block, "Query.user"),
    "UserNote": Finder(_user_note, "Query.user"),
    "AccountBlock": Finder(_account_block),
    "UserGroup": Finder(_user_group),
    "Library": Finder(_library),
    "CirculationDesk": Finder(_desk),
    "BlockDescription": Finder(_description),
    "BlockDefinition": Finder(_definition),
    "BlockedActionCode": Finder(_action_code),
    "PermissionGrant": Finder(_permission_grant, "Query.permissionGrants"),
    "GatePass": Finder(_gate_pass),
    "OverrideEvent": Finder(_override_event, "Query.overrideEvents"),
    "HistoryEvent": Finder(_history_event, "Query.history"),
    "JobReport": Finder(_job_report, "Query.jobReports"),
    "ApiToken": Finder(_api_token, "Query.apiTokens"),
}
"""One for each type of record; a test finds a type without one."""
