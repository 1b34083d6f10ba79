"""How large operations are: what counts, what does not, and that counting stays cheap."""

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse

from schema.limits import Limits, Usage, excess_as_executed, excess_as_written, introspects
from schema.metering import Meter, page_variables

SCHEMA: GraphQLSchema = build_schema(
    """
    interface Node { id: ID! }
    type User implements Node { id: ID! name: String users(first: Int): [User] plain: [User] }
    type Query { users(first: Int = 20): [User] node: Node user: User }
    """
)


def usage(query: str, **variables: object) -> Usage:
    document = parse(query)
    meter = Meter(SCHEMA, document, Limits())
    assert meter.cycle is None
    (operation,) = (
        part for part in document.definitions if isinstance(part, OperationDefinitionNode)
    )
    return meter.measure(operation, variables)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ user { id } }", Usage(depth=2, aliases=0, page=0, rows=0, cost=2)),
        ("{ user { a: id b: name } }", Usage(depth=2, aliases=2, page=0, rows=0, cost=3)),
        ("{ users { id } }", Usage(depth=2, aliases=0, page=20, rows=20, cost=21)),
        ("{ users(first: 3) { id } }", Usage(depth=2, aliases=0, page=3, rows=3, cost=4)),
        ("{ users(first: 0) { id } }", Usage(depth=2, aliases=0, page=0, rows=0, cost=2)),
        ("{ users(first: -5) { id } }", Usage(depth=2, aliases=0, page=0, rows=0, cost=2)),
        ("{ users(first: null) { id } }", Usage(depth=2, aliases=0, page=100, rows=100, cost=101)),
        ("{ user { users { id } } }", Usage(depth=3, aliases=0, page=100, rows=100, cost=102)),
        (
            "{ users(first: 3) { users(first: 4) { id } } }",
            Usage(depth=3, aliases=0, page=4, rows=15, cost=1 + 3 * (1 + 4)),
        ),
        ("{ user { plain { id } } }", Usage(depth=3, aliases=0, page=0, rows=0, cost=3)),
        (
            "{ node { ... on User { users(first: 7) { id } } } }",
            Usage(depth=3, aliases=0, page=7, rows=7, cost=9),
        ),
        (
            "{ node { ...U } } fragment U on User { users(first: 7) { a: id } }",
            Usage(depth=3, aliases=1, page=7, rows=7, cost=9),
        ),
        (
            "{ user { ...U } a: user { ...U } } fragment U on User { b: id }",
            Usage(depth=2, aliases=3, page=0, rows=0, cost=4),
        ),
        ("{ nothing { ever } }", Usage(depth=2, aliases=0, page=0, rows=0, cost=2)),
    ],
)
def test_an_operation_is_measured_as_it_would_be_executed(query: str, expected: Usage) -> None:
    assert usage(query) == expected


def test_a_page_size_in_a_variable_is_measured_by_its_value() -> None:
    query = "query($n: Int) { users(first: $n) { id } }"
    assert page_variables(parse(query)) == ("n",)
    assert usage(query, n=7).rows == 7
    assert usage(query).rows == 20
    assert usage(query, n=None).rows == 100


def test_fragments_that_double_are_measured_without_being_expanded() -> None:
    query = "{ user { ...F0 } }" + "".join(
        f"fragment F{n} on User {{ a: plain {{ ...F{n + 1} }} b: plain {{ ...F{n + 1} }} }}"
        for n in range(90)
    )
    found = usage(query + "fragment F90 on User { id }")
    assert found.depth == 92
    assert found.aliases == 2**91 - 2
    assert found.cost == 1 + 2**91 - 2 + 2**90


def test_numbers_beyond_measure_are_shown_cut_off() -> None:
    (excess,) = excess_as_executed(Usage(cost=2**90), Limits())
    assert (excess.code, excess.limit, excess.found) == ("COST_LIMIT", 200_000, 10**12)
    assert excess.message == (
        "The operation may answer 1000000000000 fields; at most 200000 are allowed."
    )


@pytest.mark.parametrize(
    "circle",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { user { ...B } } fragment B on User { ...C } "
        "fragment C on User { ...B }",
        "{ user { id } } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
def test_a_fragment_that_contains_itself_is_named(circle: str) -> None:
    cycle = Meter(SCHEMA, parse(circle), Limits()).cycle
    assert cycle is not None
    assert cycle.fragment in {"A", "B", "C"}


def test_an_unknown_fragment_is_no_circle_and_counts_nothing() -> None:
    assert usage("{ user { id ...Nowhere } }").cost == 2


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("{ a b a b }", []),
        ("{ a a a a }", ["REPEATS_LIMIT"]),
        ("{ x: a x: b x: c x: d }", ["REPEATS_LIMIT"]),
        ("{ a @skip(if: true) b @skip(if: true) }", []),
        ("query @x { a @x b @x }", ["DIRECTIVES_LIMIT"]),
        ("query A { a } query B { a } query C { a }", ["OPERATIONS_LIMIT"]),
        ("{ a { b { c { d { e { f { g } } } } } } }", ["DEPTH_LIMIT"]),
    ],
)
def test_what_is_written_is_bounded_before_it_is_understood(query: str, codes: list[str]) -> None:
    limits = Limits(repeats=3, directives=2, operations=2, depth=3)
    assert [excess.code for excess in excess_as_written(parse(query), limits)] == codes


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename user { __typename } }", False),
        ("{ __schema { types { name } } }", True),
        ('{ x: __type(name: "User") { name } }', True),
        ("{ ... { ... { __schema { types { name } } } } }", True),
        ("{ ...F } fragment F on Query { __schema { types { name } } }", True),
    ],
)
def test_asking_for_the_schema_is_seen_wherever_it_hides(query: str, expected: bool) -> None:
    assert introspects(parse(query)) is expected
