"""The named permissions that the institution has given, and the commands that give and take."""

from typing import Annotated

import strawberry

from resolvers import permissions
from rules.roles import Permission, Role
from rules.roles import PermissionGrant as GrantValue
from rules.user_records import UserRecord
from schema.context import Info
from schema.errors import UserError
from schema.fields import argument, command, field, question
from schema.ids import NOBODY, encoded, number_of
from schema.needs import parts_needed
from schema.nodes import Node
from schema.users import User


@strawberry.type(description="A named permission, given to all who hold a role or to one person.")
class PermissionGrant(Node):
    permission: Permission = field("The permission.")
    role: Role | None = field("The role that holds it; null where a person does.")
    user: User | None = field("The person who holds it; null where a role does.")

    @classmethod
    def of(cls, value: GrantValue, person: UserRecord | None, info: Info) -> "PermissionGrant":
        return cls(
            id=encoded("m", value.id),
            permission=value.permission,
            role=value.role,
            user=None if person is None else User.of(person, info),
        )


@strawberry.input(description="A permission to give, to a role or to a person.")
class PermissionGiveInput:
    permission: Permission = field("The permission.")
    role: Role | None = field("The role of staff that is to hold it.", default=None)
    user: strawberry.ID | None = field("The person who is to hold it.", default=None)


@strawberry.input(description="A permission to take, from a role or from a person.")
class PermissionTakeInput:
    permission: Permission = field("The permission.")
    role: Role | None = field("The role that holds it.", default=None)
    user: strawberry.ID | None = field("The person who holds it.", default=None)


@strawberry.type(description="What came of giving a permission.")
class PermissionGivePayload:
    permission_grant: PermissionGrant | None = field("What was given; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type(description="What came of taking a permission.")
class PermissionTakePayload:
    permission_grant: PermissionGrant | None = field("What was taken; null if it was refused.")
    user_errors: list[UserError] = field("Why it was refused; empty if it was not.")


@strawberry.type
class PermissionGrantQueries:
    @question("The permissions that the institution has given, by permission.")
    def permission_grants(self, info: Info) -> list[PermissionGrant]:
        found, people = permissions.grants(info.context.reading(), parts_needed(info))
        return [
            PermissionGrant.of(
                grant, None if grant.user_id is None else people.get(grant.user_id), info
            )
            for grant in found
        ]


@strawberry.type
class PermissionGrantMutations:
    @command("Gives a permission to all who hold a role, or to one person.")
    def permission_give(
        self, info: Info, input: Annotated[PermissionGiveInput, argument("What, to whom.")]
    ) -> PermissionGivePayload:
        grant, person = permissions.give_permission(
            info.context.writing(),
            input.permission,
            role=input.role,
            user_id=None if input.user is None else number_of(input.user, "User") or NOBODY,
            parts=parts_needed(info),
        )
        return PermissionGivePayload(
            permission_grant=PermissionGrant.of(grant, person, info), user_errors=[]
        )

    @command("Takes a permission from a role or from a person.")
    def permission_take(
        self, info: Info, input: Annotated[PermissionTakeInput, argument("What, from whom.")]
    ) -> PermissionTakePayload:
        grant, person = permissions.take_permission(
            info.context.writing(),
            input.permission,
            role=input.role,
            user_id=None if input.user is None else number_of(input.user, "User") or NOBODY,
            parts=parts_needed(info),
        )
        return PermissionTakePayload(
            permission_grant=PermissionGrant.of(grant, person, info), user_errors=[]
        )
