"""The commands that give and take the roles of a person's record."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from resolvers import user_roles
from resolvers.user_roles import RoleAt
from rules.roles import Role
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field
from schema.ids import NOBODY, number_of
from schema.needs import parts_needed
from schema.users import User


@strawberry.input(description="A role to give, or whose expiry to change.")
class UserRoleGiveInput:
    user: strawberry.ID = field("The user.")
    role: Role = field("The role.")
    library: strawberry.ID | None = field(
        "The library in which alone it counts; null: at the whole institution.", default=None
    )
    expires_at: datetime | None = field("The instant at which it ends.", default=None)
    expires_on: date | None = field(
        "The last day on which it counts, in the institution's time zone.", default=None
    )


@strawberry.input(description="A role to take.")
class UserRoleTakeInput:
    user: strawberry.ID = field("The user.")
    role: Role = field("The role.")
    library: strawberry.ID | None = field(
        "The library for which it was given; null: for the whole institution.", default=None
    )


@strawberry.type(description="What came of giving a role.")
class UserRoleGivePayload:
    user: User | None = field("The user; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of taking a role.")
class UserRoleTakePayload:
    user: User | None = field("The user; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class UserRoleMutations:
    @command("Gives a user a role, or another expiry to a role that is held.")
    def user_role_give(
        self, info: Info, input: Annotated[UserRoleGiveInput, argument("Which role, to whom.")]
    ) -> UserRoleGivePayload:
        record = user_roles.give_role(
            info.context.writing(),
            _role_at(input),
            parts_needed(info),
            expires_at=input.expires_at,
            expires_on=input.expires_on,
        )
        return UserRoleGivePayload(user=User.of(record, info), user_errors=[])

    @command("Takes a role from a user.")
    def user_role_take(
        self, info: Info, input: Annotated[UserRoleTakeInput, argument("Which role, from whom.")]
    ) -> UserRoleTakePayload:
        record = user_roles.take_role(info.context.writing(), _role_at(input), parts_needed(info))
        return UserRoleTakePayload(user=User.of(record, info), user_errors=[])


def _role_at(given: UserRoleGiveInput | UserRoleTakeInput) -> RoleAt:
    library = given.library
    return RoleAt(
        user_id=number_of(given.user, "User") or NOBODY,
        role=given.role,
        library_id=None if library is None else number_of(library, "Library") or NOBODY,
    )
