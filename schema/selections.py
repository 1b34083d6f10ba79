"""graphql-core's executor, for operations whose resolvers are all synchronous: a plain attribute
is read without path, info or checks for awaitables, and what was collected once is kept."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from graphql import (
    ExecutionResult,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path, Undefined
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from schema.masking import PublicError

PLAIN_TYPES: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}
"""Scalars whose Python value of exactly this type is already what JSON needs."""


class Shape:
    """A field's type taken apart once: is it required, a list of what, a leaf or an object."""

    __slots__ = ("abstract", "declared", "item", "leaf", "named", "plain", "required", "written")

    def __init__(self, declared: GraphQLOutputType) -> None:
        bare = declared.of_type if isinstance(declared, GraphQLNonNull) else declared
        self.declared = declared
        self.required = is_non_null_type(declared)
        self.item: Shape | None = Shape(bare.of_type) if is_list_type(bare) else None
        self.leaf: GraphQLLeafType | None = bare if is_leaf_type(bare) else None
        self.abstract: GraphQLAbstractType | None = bare if is_abstract_type(bare) else None
        self.named = bare
        self.plain = PLAIN_TYPES.get(str(bare))
        self.written: dict[int, tuple[Any, Any]] | None = (
            {} if isinstance(bare, GraphQLEnumType) else None
        )
        """What an enum's values are written as: few, and asked for on every row. By identity,
        which is cheaper than an enum's hash; each value is held beside what it is written as."""


class Step:
    """One field of a selection: how its value is found, and what is selected below it."""

    __slots__ = ("attribute", "below", "definition", "details", "method", "name", "shape")

    def __init__(self, name: str, details: FieldDetailsList, definition: GraphQLField) -> None:
        self.name = name
        self.details = details
        self.definition = definition
        self.shape = Shape(definition.type)
        self.attribute, self.method = _plain_source(definition)
        self.below: dict[GraphQLObjectType, list[Step]] = {}


class SynchronousExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation. `root_steps` may be handed in where they do not depend on variables
    (no @skip, no @include); they are then shared by all executions of the document."""

    root_steps: "list[Step] | None" = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arguments: dict[Step, dict[str, Any]] = {}

    def execute_operation(self, serially: bool | None = None) -> ExecutionResult:  # noqa: ARG002
        """In one thread, one field after the other: serial and parallel are the same."""
        root_type = self.schema.get_root_type(self.operation.operation)
        if root_type is None:
            raise PublicError("OPERATION_UNKNOWN", "This service has no such operation.")
        if self.root_steps is None:
            self.root_steps = self._steps_of(
                root_type,
                collect_fields(
                    self.schema,
                    self.fragments,
                    self.variable_values,
                    root_type,
                    self.operation,
                    self.hide_suggestions,
                ).grouped_field_set,
            )
        data = None
        try:
            data = self._answer(root_type, self.root_value, None, self.root_steps)
        except GraphQLError as error:
            self.collected_errors.add(error, None)
        return ExecutionResult(data, self.collected_errors.errors or None)

    def _steps_of(self, parent: GraphQLObjectType, fields: GroupedFieldSet) -> list[Step]:
        steps = []
        for name, details in fields.items():
            definition = self.schema.get_field(parent, details[0].node.name.value)
            if definition is not None:
                steps.append(Step(name, details, definition))
        return steps

    def _answer(
        self, parent: GraphQLObjectType, source: Any, path: Path | None, steps: list[Step]
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for step in steps:
            shape = step.shape
            if step.attribute is None or shape.leaf is None:
                place = Path(path, step.name, parent.name)
                try:
                    answer[step.name] = self._resolve(step, parent, source, place)
                except Exception as error:
                    self.handle_field_error(error, shape.declared, step.details, place)
                    answer[step.name] = None
                continue
            try:
                value = getattr(source, step.attribute)
                if type(value) is not shape.plain and (value is not None or shape.required):
                    value = self._leaf(shape, shape.leaf, value)
                answer[step.name] = value
            except Exception as error:
                place = Path(path, step.name, parent.name)
                self.handle_field_error(error, shape.declared, step.details, place)
                answer[step.name] = None
        return answer

    def _resolve(self, step: Step, parent: GraphQLObjectType, source: Any, path: Path) -> Any:
        if step.attribute is not None:
            value = getattr(source, step.attribute)
            return self._complete(step.shape, value, step, _Place(self, step, parent, path))
        if step.method is not None:
            return self._complete(
                step.shape, step.method(source), step, _Place(self, step, parent, path)
            )
        place = _Place(self, step, parent, path)
        resolve = step.definition.resolve or self.field_resolver
        value = resolve(source, place.info(), **self._arguments_of(step))
        return self._complete(step.shape, value, step, place)

    def _arguments_of(self, step: Step) -> dict[str, Any]:
        known = self._arguments.get(step)
        if known is None:
            known = self._arguments[step] = self._read_arguments(step)
        return known

    def _read_arguments(self, step: Step) -> dict[str, Any]:
        details = step.details[0]
        if not step.definition.args:
            return {}
        try:
            return get_argument_values(
                step.definition,
                details.node,
                self.variable_values,
                details.fragment_variable_values,
                self.hide_suggestions,
            )
        except GraphQLError as error:
            raise PublicError("ARGUMENT_INVALID", error.message) from error

    def _complete(self, shape: Shape, value: Any, step: Step, place: "_Place") -> Any:
        if shape.leaf is not None:
            return self._leaf(shape, shape.leaf, value)
        if value is None or value is Undefined:
            if shape.required:
                raise TypeError(f"{place} is required, but there is no value.")
            return None
        if isinstance(value, Exception):
            raise value
        if shape.item is not None:
            return self._list(shape.item, value, step, place)
        return self._object(shape, value, step, place)

    def _leaf(self, shape: Shape, kind: GraphQLLeafType, value: Any) -> Any:
        if value is None or value is Undefined:
            if shape.required:
                raise TypeError("A required value is missing.")
            return None
        if isinstance(value, Exception):
            raise value
        if shape.written is None:
            return self.complete_leaf_value(kind, value)
        written = shape.written.get(id(value))
        if written is None or written[0] is not value:
            written = shape.written[id(value)] = value, self.complete_leaf_value(kind, value)
        return written[1]

    def _list(self, item: Shape, values: Iterable[Any], step: Step, place: "_Place") -> list[Any]:
        if isinstance(values, str | bytes | dict):
            raise TypeError(f"{place} is a list, but its value is not.")
        if item.leaf is not None:
            return self._leaves(item, item.leaf, values, step, place)
        completed: list[Any] = []
        for index, value in enumerate(values):
            inner = place.at(index)
            try:
                completed.append(self._complete(item, value, step, inner))
            except Exception as error:
                self.handle_field_error(error, item.declared, step.details, inner.path)
                completed.append(None)
        return completed

    def _leaves(
        self, item: Shape, kind: GraphQLLeafType, values: Iterable[Any], step: Step, place: "_Place"
    ) -> list[Any]:
        """A list of leaves: a place of its own only for one that cannot be written."""
        completed: list[Any] = []
        for index, value in enumerate(values):
            try:
                completed.append(self._leaf(item, kind, value))
            except Exception as error:
                path = place.at(index).path
                self.handle_field_error(error, item.declared, step.details, path)
                completed.append(None)
        return completed

    def _object(self, shape: Shape, value: Any, step: Step, place: "_Place") -> dict[str, Any]:
        """That a field of one concrete type answers that type is for mypy to see, not for each
        row of each answer."""
        kind = cast(GraphQLObjectType, shape.named)
        if shape.abstract is not None:
            resolve_type = shape.abstract.resolve_type or self.type_resolver
            kind = self.ensure_valid_runtime_type(
                resolve_type(value, place.info(), shape.abstract),
                shape.abstract,
                step.details,
                place.info(),
                value,
            )
        steps = step.below.get(kind)
        if steps is None:
            collected = self.collect_subfields(kind, step.details)
            steps = step.below[kind] = self._steps_of(kind, collected.grouped_field_set)
        return self._answer(kind, value, place.path, steps)


class _Place:
    """Where a value is being completed; the info for resolvers is built when first asked for."""

    __slots__ = ("_executor", "_info", "_parent", "_step", "path")

    def __init__(
        self, executor: SynchronousExecutor, step: Step, parent: GraphQLObjectType, path: Path
    ) -> None:
        self._executor = executor
        self._step = step
        self._parent = parent
        self._info: GraphQLResolveInfo[Any] | None = None
        self.path = path

    def __str__(self) -> str:
        return f"{self._parent.name}.{self._step.details[0].node.name.value}"

    def at(self, index: int) -> "_Place":
        place = _Place(self._executor, self._step, self._parent, Path(self.path, index, None))
        place._info = self._info
        return place

    def info(self) -> GraphQLResolveInfo[Any]:
        if self._info is None:
            nodes = [details.node for details in self._step.details]
            self._info = self._executor.build_resolve_info(
                self._step.definition, nodes, self._parent, self.path
            )
        return self._info


def _plain_source(definition: GraphQLField) -> tuple[str | None, Callable[[Any], Any] | None]:
    """The attribute that holds the field, or the method of no arguments that answers it."""
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(field, StrawberryField) or field.extensions:
        return None, None
    resolver = field.base_resolver
    if resolver is None:
        return (field.python_name, None) if field.default_resolver is getattr else (None, None)
    if resolver.is_async or list(resolver.signature.parameters) != ["self"]:
        return None, None
    return None, cast("Callable[[Any], Any]", resolver.wrapped_func)
