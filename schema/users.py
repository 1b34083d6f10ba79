"""Users as clients see them, with their blocks and the gate's answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import gate, users
from rules.actions import Action
from rules.name_keys import search_key
from rules.roles import Permission, Role, RoleGrant
from rules.text import NAME_LIMIT, TextProblem, clean
from rules.user_blocks import BlockStatus
from rules.user_records import UserRecord
from rules.users import AccountStatus, AccountType, RecordType, UserFilter, UserPart
from schema.account_blocks import AccountBlock
from schema.context import Info
from schema.fields import argument, computed, field, question
from schema.gate import GateDecision, UserAlert
from schema.ids import encoded, number_of
from schema.institutions import UserGroup
from schema.masking import PublicError
from schema.needs import parts_needed
from schema.nodes import Connection, Node, connection, keys_of, page_of_list, page_size
from schema.permissions import holds_permission
from schema.user_blocks import UserBlock
from schema.user_notes import UserNote

GATE_PARTS = (UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES)


@strawberry.type(description="An identifier beside the primary one, such as a barcode.")
class UserIdentifier:
    type_code: str = field("The type of the identifier.")
    value: str = field("The identifier itself.")


@strawberry.type(description="A role that a person holds.")
class HeldRole:
    role: Role = field("The role.")
    library_code: str | None = field(
        "The library in which alone it counts; null: at the whole institution."
    )
    expires_at: datetime | None = field("When it ends; null: when it is taken.")
    is_in_force: bool = field("Whether it counts now.")

    @classmethod
    def of(cls, value: RoleGrant, now: datetime) -> "HeldRole":
        return cls(
            role=value.role,
            library_code=value.library_code,
            expires_at=value.expires_at,
            is_in_force=value.is_in_force(now),
        )


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
    version: int = field("Counts the changes of the account, from 1.")

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
        status: Annotated[BlockStatus | None, argument("Only those toggled so.")] = None,
    ) -> Connection[UserBlock]:
        found = [
            block
            for block in self.record.blocks or ()
            if (in_force is None or block.is_in_force(self.now) is in_force)
            and (status is None or block.status is status)
        ]
        page = page_of_list(found, page_size(first), after, lambda block: str(block.id))
        return connection(page, lambda block: UserBlock.of(block, self.for_patron))

    @computed(
        "The blocks that were removed, newest removal first; patrons see none.",
        UserPart.REMOVED_BLOCKS,
    )
    def removed_blocks(
        self,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[UserBlock]:
        found = () if self.for_patron else self.record.removed_blocks or ()
        page = page_of_list(found, page_size(first), after, lambda block: str(block.id))
        return connection(page, lambda block: UserBlock.of(block, self.for_patron))

    @computed("The block of the whole account, if there is one.", UserPart.ACCOUNT_BLOCK)
    def account_block(self) -> AccountBlock | None:
        found = self.record.account_block
        return AccountBlock.of(found[0], self.for_patron) if found else None

    @computed("Notes, oldest first; patrons see those meant for them.", UserPart.NOTES)
    def notes(
        self,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[UserNote]:
        found = [
            note
            for note in self.record.notes or ()
            if note.is_patron_visible or not self.for_patron
        ]
        page = page_of_list(found, page_size(first), after, lambda note: str(note.id))
        return connection(page, lambda note: UserNote.of(note, self.for_patron))

    @computed("The roles that the record holds, expired ones too.", UserPart.ROLES)
    def roles(self) -> list[HeldRole]:
        return [HeldRole.of(role.grant, self.now) for role in self.record.roles or ()]

    @computed("The gate's answer for each action, with every reason against it.", *GATE_PARTS)
    def gate(
        self,
        info: Info,
        actions: Annotated[list[Action] | None, argument("Only these; default: all.")] = None,
    ) -> list[GateDecision]:
        decisions = gate.decisions_of(info.context.reading(), self.record)
        asked = [d for d in decisions if actions is None or d.action in actions]
        return GateDecision.of_all(asked, self.for_patron, self.record.desks)

    @computed("What to show when the patron is opened at a desk.", *GATE_PARTS)
    def alert(self, info: Info) -> UserAlert:
        reasons = gate.reasons_of(info.context.reading(), self.record)
        return UserAlert.of(reasons, self.for_patron, self.record.desks)

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
            user_group=None if group is None else UserGroup.of(group),
            record_type=user.record_type,
            account_type=user.account_type,
            status=user.status,
            expires_on=user.expires_on,
            preferred_language=user.preferred_language,
            has_blocks=record.has_blocks,
            version=user.version,
        )


@strawberry.type
class UserQueries:
    @question(
        "The user who carries an identifier: the primary one, a barcode or another.",
        one_statement=True,
    )
    def user(
        self,
        info: Info,
        identifier: Annotated[str, argument("The identifier, exactly.")],
        type: Annotated[
            str | None,
            argument("Only identifiers of this type; PRIMARY_ID is the type of the primary one."),
        ] = None,
    ) -> User | None:
        scope = info.context.reading()
        record = users.user_by_identifier(scope, identifier, parts_needed(info), type_code=type)
        return None if record is None else User.of(record, info)

    @question("Users in the order of their names.")
    def users(  # noqa: PLR0913  a GraphQL field has the arguments it needs
        self,
        info: Info,
        *,
        name: Annotated[
            str | None,
            argument("The start of a first or last name, or of both in either order."),
        ] = None,
        group: Annotated[strawberry.ID | None, argument("Only those of this user group.")] = None,
        status: Annotated[AccountStatus | None, argument("Only accounts of this status.")] = None,
        has_blocks: Annotated[bool | None, argument("Only those with, or without, blocks.")] = None,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[User]:
        if name is not None or not has_blocks:
            _require_search_by_name(info)
        wanted = UserFilter(
            name=None if name is None else _searched(name),
            group_id=None if group is None else _group(group),
            status=status,
            has_blocks=has_blocks,
        )
        page = users.users_page(
            info.context.reading(),
            wanted,
            first=page_size(first),
            after=keys_of(after, str, UUID),
            parts=parts_needed(info),
        )
        return connection(page, lambda record: User.of(record, info))


def _require_search_by_name(info: Info) -> None:
    """Who may not search by name may not leaf through all names either; the list of blocked
    patrons is the desk's own work, and open to all staff."""
    if not holds_permission(info.context, Permission.SEARCH_BY_NAME):
        raise PublicError(
            "NOT_PERMITTED", f"This needs the permission {Permission.SEARCH_BY_NAME.value}."
        )


def _searched(name: str) -> str:
    """A name to search by; an empty one would list everybody."""
    cleaned = clean(name, limit=NAME_LIMIT)
    if isinstance(cleaned, TextProblem):
        raise PublicError("INVALID_INPUT", f"`name`: {cleaned.sentence}")
    if not search_key(cleaned):
        raise PublicError("INVALID_INPUT", "`name` is empty; type the start of a name.")
    return cleaned


def _group(group: strawberry.ID) -> UUID:
    number = number_of(group, "UserGroup")
    if number is None:
        raise PublicError("INVALID_INPUT", "`group` is not the id of a user group.")
    return number
