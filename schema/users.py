"""Users as clients see them, with their blocks and the gate's answers."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from resolvers import users
from rules.actions import Action
from rules.decisions import decide_all
from rules.roles import Permission
from rules.standings import standing_of
from rules.user_records import UserRecord
from rules.users import AccountStatus, AccountType, RecordType, UserPart
from schema.context import Info
from schema.fields import argument, computed, field, question
from schema.gate import GateDecision
from schema.ids import encoded
from schema.masking import PublicError
from schema.needs import parts_needed
from schema.nodes import Connection, Node, connection, keys_of, page_of_list, page_size
from schema.permissions import holds_permission
from schema.user_blocks import UserBlock

GATE_PARTS = (UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES)


@strawberry.type(description="A user group of the institution.")
class UserGroup(Node):
    code: str = field("The code of the group.")
    name: str = field("The name of the group.")


@strawberry.type(description="An identifier beside the primary one, such as a barcode.")
class UserIdentifier:
    type_code: str = field("The type of the identifier.")
    value: str = field("The identifier itself.")


@strawberry.type(description="A user of the institution.")
class User(Node):
    record: strawberry.Private[UserRecord]
    now: strawberry.Private[datetime]
    for_patron: strawberry.Private[bool]
    primary_id: str = field("The primary identifier.")
    first_name: str = field("The first name.")
    last_name: str = field("The last name.")
    user_group: UserGroup | None = field("The user group.")
    record_type: RecordType = field("What kind of person this is.")
    account_type: AccountType = field("Where the account is kept.")
    status: AccountStatus = field("Whether the account is in use.")
    expires_on: date | None = field("The last local day on which the account counts.")
    preferred_language: str | None = field("The language for letters.")
    has_blocks: bool = field("Whether there are blocks on the record, active or not.")

    @computed("Identifiers beside the primary one.", UserPart.IDENTIFIERS)
    def identifiers(self) -> list[UserIdentifier]:
        found = self.record.identifiers or ()
        return [UserIdentifier(type_code=i.type_code, value=i.value) for i in found]

    @computed("The blocks on the record, oldest first.", UserPart.BLOCKS)
    def blocks(
        self,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
        in_force: Annotated[bool | None, argument("Only those in force, or not, now.")] = None,
    ) -> Connection[UserBlock]:
        found = [
            block
            for block in self.record.blocks or ()
            if in_force is None or block.is_in_force(self.now) is in_force
        ]
        page = page_of_list(found, page_size(first), after, lambda block: str(block.id))
        return connection(page, lambda block: UserBlock.of(block, self.for_patron))

    @computed("The gate's answer for each action, with every reason against it.", *GATE_PARTS)
    def gate(
        self,
        actions: Annotated[list[Action] | None, argument("Only these; default: all.")] = None,
    ) -> list[GateDecision]:
        decisions = decide_all(standing_of(self.record), self.now)
        return [
            GateDecision.of(decision, self.for_patron)
            for decision in decisions
            if actions is None or decision.action in actions
        ]

    @classmethod
    def of(cls, record: UserRecord, info: Info) -> "User":
        user, group = record.user, record.user.group
        return cls(
            id=encoded("u", user.id),
            record=record,
            now=info.context.scope.now,
            for_patron=info.context.is_patron_only(),
            primary_id=user.primary_id,
            first_name=user.first_name,
            last_name=user.last_name,
            user_group=None
            if group is None
            else UserGroup(id=encoded("g", group.id), code=group.code, name=group.name),
            record_type=user.record_type,
            account_type=user.account_type,
            status=user.status,
            expires_on=user.expires_on,
            preferred_language=user.preferred_language,
            has_blocks=record.has_blocks,
        )


@strawberry.type
class UserQueries:
    @question(
        "The user who carries an identifier: the primary one, a barcode or another.",
        one_statement=True,
    )
    def user(
        self, info: Info, identifier: Annotated[str, argument("The identifier, exactly.")]
    ) -> User | None:
        scope = info.context.reading()
        if info.context.is_patron_only():
            identifier = _own_identifier(info, identifier)
        record = users.user_by_identifier(scope, identifier, parts_needed(info))
        return None if record is None else User.of(record, info)

    @question("Users by name, in the order of their names.")
    def users(
        self,
        info: Info,
        name: Annotated[str | None, argument("The start of a first or last name.")] = None,
        has_blocks: Annotated[bool | None, argument("Only those with, or without, blocks.")] = None,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[User]:
        if name is not None and not holds_permission(info.context, Permission.SEARCH_BY_NAME):
            raise PublicError("NOT_PERMITTED", "Searching by name needs a permission.")
        page = users.users_page(
            info.context.reading(),
            name=name,
            has_blocks=has_blocks,
            first=page_size(first),
            after=keys_of(after, 2),
            parts=parts_needed(info),
        )
        return connection(page, lambda record: User.of(record, info))


def _own_identifier(info: Info, identifier: str) -> str:
    """A patron finds the own record only: whatever else is asked for does not exist."""
    subject = info.context.principal.subject
    return subject if identifier.casefold() == subject.casefold() else ""
