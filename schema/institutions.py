"""The institution as clients see it: its libraries with their desks, and its user groups."""

import strawberry

from resolvers import institutions
from rules.institutions import Institution as InstitutionValue
from rules.institutions import Library as LibraryValue
from rules.users import UserGroup as UserGroupValue
from schema.circulation_desks import CirculationDesk
from schema.context import Info
from schema.fields import computed, field, question
from schema.ids import encoded
from schema.nodes import Node


@strawberry.type(description="A user group of the institution.")
class UserGroup(Node):
    code: str = field("The code of the group.")
    name: str = field("The name of the group.")

    @classmethod
    def of(cls, value: UserGroupValue) -> "UserGroup":
        return cls(id=encoded("g", value.id), code=value.code, name=value.name)


@strawberry.type(description="A library of the institution.")
class Library(Node):
    code: str = field("The code of the library.")
    name: str = field("The name of the library.")
    time_zone: str | None = field("Its own time zone; null where it is the institution's.")
    desks: list[CirculationDesk] = field("Its circulation desks, by code.")

    @classmethod
    def of(cls, value: LibraryValue) -> "Library":
        return cls(
            id=encoded("l", value.id),
            code=value.code,
            name=value.name,
            time_zone=value.time_zone,
            desks=[CirculationDesk.of(desk) for desk in value.desks],
        )


@strawberry.type(description="A member of the consortium.")
class Institution:
    code: str = field("The code of the institution.")
    name: str = field("The name of the institution.")
    time_zone: str = field("The time zone in which its days are counted, such as Europe/Zurich.")
    currency: str = field("The currency of its fees, by its ISO code.")
    languages: list[str] = field("The languages of its letters, the first one first.")

    @computed("The libraries, by code.")
    def libraries(self, info: Info) -> list[Library]:
        return [Library.of(value) for value in institutions.libraries(info.context.reading())]

    @computed("The user groups, by code.")
    def user_groups(self, info: Info) -> list[UserGroup]:
        return [UserGroup.of(value) for value in institutions.user_groups(info.context.reading())]

    @classmethod
    def of(cls, value: InstitutionValue) -> "Institution":
        return cls(
            code=value.code,
            name=value.name,
            time_zone=value.time_zone,
            currency=value.currency,
            languages=list(value.languages),
        )


@strawberry.type
class InstitutionQueries:
    @question("The institution for which you are signed in.")
    def institution(self, info: Info) -> Institution:
        return Institution.of(institutions.institution(info.context.reading()))
