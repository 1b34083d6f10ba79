"""How much an operation asks for once its fragments are expanded. Each fragment is measured once,
in the order of need, so that the work stays linear in the document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.limits import Limits, Usage, selection_sets

PAGE_ARGUMENT = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A fragment that contains itself: it has no size."""

    fragment: str


class Meter:
    """Measures the operations of one document, each fragment once for given variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        self._schema = schema
        self._page = limits.page
        self._ordered, self.cycle = _in_order_of_need(document)

    def measure(self, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> Usage:
        """Call only without a `cycle`."""
        known: dict[str, Usage] = {}
        for fragment in self._ordered:
            on = self._schema.get_type(fragment.type_condition.name.value)
            usage = self._sum(fragment.selection_set.selections, on, known, variables)
            known[fragment.name.value] = usage
        root = self._schema.get_root_type(operation.operation)
        return self._sum(operation.selection_set.selections, root, known, variables)

    def _sum(
        self,
        selections: Iterable[SelectionNode],
        parent: GraphQLNamedType | None,
        known: Mapping[str, Usage],
        variables: Mapping[str, object],
    ) -> Usage:
        depth = aliases = page = rows = cost = 0
        for node in selections:
            if isinstance(node, FieldNode):
                part = self._field(node, parent, known, variables)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                on = self._schema.get_type(condition.name.value) if condition else parent
                part = self._sum(node.selection_set.selections, on, known, variables)
            elif isinstance(node, FragmentSpreadNode):
                part = known.get(node.name.value, Usage())
            else:
                continue
            depth, page = max(depth, part.depth), max(page, part.page)
            aliases, rows, cost = aliases + part.aliases, rows + part.rows, cost + part.cost
        return Usage(depth, aliases, page, rows, cost)

    def _field(
        self,
        node: FieldNode,
        parent: GraphQLNamedType | None,
        known: Mapping[str, Usage],
        variables: Mapping[str, object],
    ) -> Usage:
        alias = 1 if node.alias else 0
        field = self._definition(parent, node.name.value)
        size = self._page_size(node, field, variables)
        if node.selection_set is None:
            return Usage(1, alias, size or 0, size or 0, 1)
        inner_type = get_named_type(field.type) if field else None
        inner = self._sum(node.selection_set.selections, inner_type, known, variables)
        rows = inner.rows if size is None else size * (1 + inner.rows)
        cost = 1 + inner.cost * max(1, size or 0)
        page = max(size or 0, inner.page)
        return Usage(1 + inner.depth, alias + inner.aliases, page, rows, cost)

    def _definition(self, parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
        if parent is None or not is_composite_type(parent):
            return None
        return self._schema.get_field(parent, name)

    def _page_size(
        self, node: FieldNode, field: GraphQLField | None, variables: Mapping[str, object]
    ) -> int | None:
        """How many rows the field may answer; None where it is not a list in pages."""
        if field is None or PAGE_ARGUMENT not in field.args:
            return None
        default = coerce_default_value(field.args[PAGE_ARGUMENT])
        size = _given(node.arguments or (), variables, otherwise=default)
        return max(0, size) if isinstance(size, int) else self._page


def page_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables on which the size of a page depends."""
    names = {
        argument.value.name.value
        for part in document.definitions
        for selections, _ in selection_sets(part)
        for node in selections
        if isinstance(node, FieldNode)
        for argument in node.arguments or ()
        if argument.name.value == PAGE_ARGUMENT and isinstance(argument.value, VariableNode)
    }
    return tuple(sorted(names))


def _given(
    arguments: Iterable[ArgumentNode], variables: Mapping[str, object], *, otherwise: object
) -> object:
    for argument in arguments:
        if argument.name.value != PAGE_ARGUMENT:
            continue
        if isinstance(argument.value, IntValueNode):
            return int(argument.value.value[:20])
        if isinstance(argument.value, VariableNode):
            return variables.get(argument.value.name.value, otherwise)
        return None
    return otherwise


def _in_order_of_need(
    document: DocumentNode,
) -> tuple[list[FragmentDefinitionNode], Cycle | None]:
    """The fragments, each after those that it spreads; or the first one found in a circle."""
    fragments = {
        part.name.value: part
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    needs = {name: _spreads(part) & fragments.keys() for name, part in fragments.items()}
    wanted_by: dict[str, list[str]] = {name: [] for name in fragments}
    for name, needed in needs.items():
        for other in needed:
            wanted_by[other].append(name)
    open_needs = {name: len(needed) for name, needed in needs.items()}
    ready = [name for name, count in open_needs.items() if count == 0]
    ordered = []
    while ready:
        name = ready.pop()
        ordered.append(fragments[name])
        for other in wanted_by[name]:
            open_needs[other] -= 1
            if open_needs[other] == 0:
                ready.append(other)
    stuck = next((name for name, count in open_needs.items() if count > 0), None)
    return ordered, Cycle(fragment=stuck) if stuck is not None else None


def _spreads(part: FragmentDefinitionNode) -> set[str]:
    return {
        node.name.value
        for selections, _ in selection_sets(part)
        for node in selections
        if isinstance(node, FragmentSpreadNode)
    }
