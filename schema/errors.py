"""Expected refusals as clients see them: `userErrors` in the payload of a mutation."""

from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from rules.overrides import who_may_override
from rules.problems import Notice, Problem
from rules.roles import Role
from tenancy.refusals import Conflict, InvalidInput, NotFound, NotOverridable, NotPermitted, Refusal


@strawberry.interface(description="Why a command was turned down. Nothing was changed.")
class UserError:
    message: str = strawberry.field(description="A sentence for the person who gave the command.")
    path: list[str] = strawberry.field(
        description="The input that caused it, outermost name first; empty where none did."
    )


@strawberry.type(description="The person lacks the role or permission for this.")
class NotPermittedError(UserError):
    pass


@strawberry.type(description="There is no such record at this institution.")
class NotFoundError(UserError):
    pass


@strawberry.type(description="An input is missing, malformed or against a rule.")
class InvalidInputError(UserError):
    pass


@strawberry.type(description="The record has changed meanwhile, or other records stand in the way.")
class ConflictError(UserError):
    pass


@strawberry.type(description="A reason stands that this person cannot override.")
class NotOverridableError(UserError):
    who_may_override: list[Role] = strawberry.field(
        description="The roles that could override it; empty where nobody can."
    )


@strawberry.type(
    name="Warning", description="Something that was done, but that the person should know about."
)
class Warned:
    message: str = strawberry.field(description="What to know, as a sentence.")
    path: list[str] = strawberry.field(description="The input that it is about.")


def user_errors(refusal: Refusal) -> list[UserError]:
    """A refusal as errors of a payload, each with the path under `input`."""
    match refusal:
        case InvalidInput():
            return [_invalid(problem) for problem in refusal.problems]
        case NotOverridable():
            roles = list(who_may_override(refusal.overridable))
            return [
                NotOverridableError(
                    message=refusal.message, path=_path(refusal.path), who_may_override=roles
                )
            ]
        case NotPermitted():
            return [NotPermittedError(message=refusal.message, path=_path(refusal.path))]
        case NotFound():
            return [NotFoundError(message=refusal.message, path=_path(refusal.path))]
        case Conflict():
            return [ConflictError(message=refusal.message, path=_path(refusal.path))]
        case _:
            return [InvalidInputError(message=refusal.message, path=_path(refusal.path))]


def warnings_from(notices: tuple[Notice, ...] | list[Notice]) -> list[Warned]:
    """Notices of the rules as warnings of a payload."""
    return [Warned(message=notice.sentence, path=_path(notice.path)) for notice in notices]


ERROR_TYPES: list[Any] = [
    NotPermittedError,
    NotFoundError,
    InvalidInputError,
    ConflictError,
    NotOverridableError,
]


def _invalid(problem: Problem) -> UserError:
    return InvalidInputError(message=problem.sentence, path=_path(problem.path))


def _path(path: tuple[str, ...]) -> list[str]:
    """Rules name the fields of their values, which are the inputs' names but for the spelling."""
    return ["input", *map(to_camel_case, path)] if path else []
