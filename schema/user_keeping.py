"""The commands that keep users' accounts: adding one, and changing what stands in it."""

from datetime import date
from typing import Annotated

import strawberry

from resolvers import user_keeping
from rules.given import Given
from rules.user_drafts import UserDraft
from rules.users import AccountStatus, AccountType, RecordType, UserGroup
from rules.users import UserIdentifier as IdentifierValue
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field
from schema.ids import NOBODY, number_of
from schema.needs import parts_needed
from schema.user_block_changes import SEEN, given
from schema.users import User


@strawberry.input(description="An identifier beside the primary one, such as a barcode.")
class UserIdentifierInput:
    type_code: str = field("The type of the identifier.")
    value: str = field("The identifier itself.")


@strawberry.input(description="A user to add.")
class UserAddInput:
    primary_id: str = field("The primary identifier; nobody else's.")
    last_name: str = field("The last name, or the only one.")
    first_name: str = field("The first name.", default="")
    user_group: strawberry.ID | None = field("The user group.", default=None)
    record_type: RecordType = field("What kind of person this is.", default=RecordType.PUBLIC)
    account_type: AccountType = field("Where the account is kept.", default=AccountType.INTERNAL)
    status: AccountStatus = field("Whether the account is in use.", default=AccountStatus.ACTIVE)
    expires_on: date | None = field(
        "The last local day on which the account counts; null: it does not expire.", default=None
    )
    preferred_language: str | None = field("The language for letters.", default=None)
    identifiers: list[UserIdentifierInput] = field(
        "Identifiers beside the primary one; nobody else's.", default_factory=list
    )


@strawberry.input(description="What to change about a user; what is left out stays as it is.")
class UserChangeInput:
    id: strawberry.ID = field("The user.")
    version: int | None = field(SEEN, default=None)
    primary_id: strawberry.Maybe[str] = field("The primary identifier.", default=None)
    last_name: strawberry.Maybe[str] = field("The last name, or the only one.", default=None)
    first_name: strawberry.Maybe[str] = field("The first name.", default=None)
    user_group: strawberry.Maybe[strawberry.ID | None] = field(
        "The user group; null: none.", default=None
    )
    record_type: strawberry.Maybe[RecordType] = field("What kind of person.", default=None)
    account_type: strawberry.Maybe[AccountType] = field("Where it is kept.", default=None)
    status: strawberry.Maybe[AccountStatus] = field("Whether it is in use.", default=None)
    expires_on: strawberry.Maybe[date | None] = field(
        "The last local day on which the account counts; null: it does not expire.", default=None
    )
    preferred_language: strawberry.Maybe[str | None] = field(
        "The language for letters; null: the institution's.", default=None
    )
    identifiers: strawberry.Maybe[list[UserIdentifierInput]] = field(
        "All identifiers beside the primary one; they replace those that are there.", default=None
    )


@strawberry.type(description="What came of adding a user.")
class UserAddPayload:
    user: User | None = field("The new user; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of changing a user.")
class UserChangePayload:
    user: User | None = field("The user as it is now; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class UserKeepingMutations:
    @command("Adds a user.")
    def user_add(
        self, info: Info, input: Annotated[UserAddInput, argument("The user.")]
    ) -> UserAddPayload:
        draft = UserDraft(
            primary_id=Given(input.primary_id),
            first_name=Given(input.first_name),
            last_name=Given(input.last_name),
            group=Given(_group(info, input.user_group)),
            record_type=Given(input.record_type),
            account_type=Given(input.account_type),
            status=Given(input.status),
            expires_on=Given(input.expires_on),
            preferred_language=Given(input.preferred_language),
        )
        record = user_keeping.add_user(
            info.context.writing(), draft, _identifiers(input.identifiers), parts_needed(info)
        )
        return UserAddPayload(user=User.of(record, info), user_errors=[])

    @command("Changes a user's account.")
    def user_change(
        self, info: Info, input: Annotated[UserChangeInput, argument("What to change.")]
    ) -> UserChangePayload:
        group = input.user_group
        draft = UserDraft(
            primary_id=given(input.primary_id),
            first_name=given(input.first_name),
            last_name=given(input.last_name),
            group=None if group is None else Given(_group(info, group.value)),
            record_type=given(input.record_type),
            account_type=given(input.account_type),
            status=given(input.status),
            expires_on=given(input.expires_on),
            preferred_language=given(input.preferred_language),
        )
        identifiers = input.identifiers
        wanted = (draft, None if identifiers is None else Given(_identifiers(identifiers.value)))
        record = user_keeping.change_user(
            info.context.writing(),
            number_of(input.id, "User") or NOBODY,
            wanted,
            parts_needed(info),
            seen_version=input.version,
        )
        return UserChangePayload(user=User.of(record, info), user_errors=[])


def _identifiers(typed: list[UserIdentifierInput]) -> tuple[IdentifierValue, ...]:
    return tuple(IdentifierValue(type_code=one.type_code, value=one.value) for one in typed)


def _group(info: Info, group: strawberry.ID | None) -> UserGroup | None:
    number = None if group is None else number_of(group, "UserGroup") or NOBODY
    return user_keeping.group_of(info.context.writing(), number)
