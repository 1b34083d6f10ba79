"""Changes whose inputs may be left out, but not be null: a null is refused in the payload of the
command, whether it came as a variable or stood in the document."""

from collections.abc import Callable, Iterator
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.field import StrawberryField

from rules.problems import Problem
from schema.context import RequestContext
from schema.fields import Command


def refuse_nulls(built: strawberry.Schema) -> None:
    """Puts the check in front of every command. It has to stand before Strawberry reads the
    inputs, which fails on such a null, where no refusal can be told any more."""
    mutation = built._schema.mutation_type
    for definition in mutation.fields.values() if mutation else ():
        command = _command_of(definition)
        if command is not None and definition.resolve is not None:
            definition.resolve = _checked(definition, command, definition.resolve)


def is_never_null(definition: GraphQLInputField) -> bool:
    """Whether a field may be left out, but stands for something that cannot be taken away."""
    origin = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    kind = origin.type if isinstance(origin, StrawberryField) else None
    return isinstance(kind, StrawberryMaybe) and not isinstance(kind.of_type, StrawberryOptional)


def _command_of(definition: GraphQLField) -> Command | None:
    origin = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    extensions = origin.extensions if isinstance(origin, StrawberryField) else []
    return next((one for one in extensions if isinstance(one, Command)), None)


def _checked(
    definition: GraphQLField, command: Command, resolve: Callable[..., Any]
) -> Callable[..., Any]:
    def resolved(source: Any, info: GraphQLResolveInfo[RequestContext], **given: Any) -> Any:
        problems = [
            problem
            for name, value in given.items()
            for problem in _problems(definition.args[name].type, value, ())
        ]
        if problems:
            return command.refuse(info.context, problems)
        return resolve(source, info, **given)

    return resolved


def _problems(kind: GraphQLInputType, value: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList) and isinstance(value, list):
        for number, one in enumerate(value):
            yield from _problems(kind.of_type, one, (*path, str(number)))
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, inner in value.items():
            place = (*path, name)
            if inner is None and is_never_null(kind.fields[name]):
                sentence = f"`{name}` cannot be empty; leave it out to keep what stands."
                yield Problem(path=place, sentence=sentence)
            yield from _problems(kind.fields[name].type, inner, place)
