"""The helpers by which every field is declared: with a description, with what it needs from the
database, and, at the root, behind the table of access."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

from rules.problems import Problem
from rules.users import UserPart
from schema.access import ACCESS, Access
from schema.context import Info, RequestContext
from schema.documents import Prepared
from schema.errors import user_errors
from schema.masking import PublicError
from schema.permissions import holds_permission
from tenancy.conflicts import conflicts_refused
from tenancy.refusals import InvalidInput, NotPermitted, Refusal

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_ONE_STATEMENT: set[str] = set()

_ALWAYS_LISTS = frozenset({"warnings", "line_errors"})
"""Members of payloads that are there, and empty, when a command is refused."""

NOT_PERMITTED = "Your roles do not allow this."


def field(description: str, **options: Any) -> Any:
    """A plain field of a type or an input, with its description."""
    return strawberry.field(description=description, **options)


def computed(description: str, *needs: UserPart) -> Callable[[F], F]:
    """A field with a resolver: its description, and the parts of a user's record it needs."""
    metadata = {"needs": frozenset(needs)}
    return cast("Callable[[F], F]", strawberry.field(description=description, metadata=metadata))


def question(description: str, *, one_statement: bool = False) -> Callable[[F], F]:
    """A field of Query, behind the table of access. `one_statement`: it never needs more, so
    that the end of its transaction can travel with it."""
    made = strawberry.field(description=description, extensions=[_Question(one_statement)])
    return cast("Callable[[F], F]", made)


def takes_one_statement(prepared: Prepared) -> bool:
    """Whether an operation has a single root field, and that takes one statement."""
    return len(prepared.root_fields) == 1 and prepared.root_fields[0] in _ONE_STATEMENT


def command(description: str) -> Callable[[F], F]:
    """A field of Mutation: behind the table of access, its refusals in the payload."""
    made = strawberry.field(description=description, extensions=[Command()])
    return cast("Callable[[F], F]", made)


def given(value: strawberry.Maybe[T]) -> T | None:
    """What an input gives for a change; None: it was left out, so the record's own stays."""
    return None if value is None else value.value


def argument(description: str) -> Any:
    """The description of an argument, for Annotated."""
    return strawberry.argument(description=description)


class _Guard(FieldExtension):
    """Knows the row of the access table for its field."""

    access: Access
    root: str

    def apply(self, field: StrawberryField) -> None:
        coordinate = f"{self.root}.{_camel(field.python_name or '')}"
        self.access = ACCESS[coordinate]

    def check(self, context: RequestContext) -> None:
        if context.principal.roles(context.scope.now).isdisjoint(self.access.roles):
            raise NotPermitted(NOT_PERMITTED)
        permission = self.access.permission
        if permission is not None and not holds_permission(context, permission):
            raise NotPermitted(f"This needs the permission {permission.value}.")


class _Question(_Guard):
    root = "Query"

    def __init__(self, one_statement: bool) -> None:
        self._one_statement = one_statement

    def apply(self, field: StrawberryField) -> None:
        super().apply(field)
        if self._one_statement:
            _ONE_STATEMENT.add(_camel(field.python_name or ""))

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        try:
            self.check(info.context)
            return next_(source, info, **kwargs)
        except NotPermitted as refusal:
            raise PublicError("NOT_PERMITTED", refusal.message) from None
        except Refusal as refusal:
            raise PublicError("INVALID_INPUT", refusal.message) from None


class Command(_Guard):
    """Stands before a command: checks who gives it, and tells its refusals in the payload."""

    root = "Mutation"
    payload: type[Any]

    def apply(self, field: StrawberryField) -> None:
        super().apply(field)
        self.payload = field.type if isinstance(field.type, type) else object

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        db = None
        try:
            self.check(info.context)
            db = info.context.writing().db
            db.savepoint()
            with conflicts_refused():
                return next_(source, info, **kwargs)
        except Refusal as refusal:
            if db is not None:
                db.undo()
            return refused(self.payload, refusal)

    def refuse(self, context: RequestContext, problems: Sequence[Problem]) -> Any:
        """The payload of a command whose inputs cannot be read; what these are is told only to
        those who may give it."""
        try:
            self.check(context)
        except Refusal as refusal:
            return refused(self.payload, refusal)
        return refused(self.payload, InvalidInput(problems))


def refused(payload: type[Any], refusal: Refusal) -> Any:
    """The payload of a refused command: nothing but its errors."""
    empty: dict[str, Any] = {}
    for member in dataclasses.fields(payload):
        empty[member.name] = [] if member.name in _ALWAYS_LISTS else None
    empty["user_errors"] = user_errors(refusal)
    return payload(**empty)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
