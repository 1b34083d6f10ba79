"""One operation from variables to answer: the shortened way through the executor answers exactly
what Strawberry's own does, and unexpected errors stay masked."""

import dataclasses
import datetime
import enum
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
import strawberry
from strawberry import relay

from schema.documents import Prepared, Refused
from schema.execution import Executor, Outcome
from schema.masking import ErrorMasking, PublicError


@strawberry.enum
class Status(enum.Enum):
    ACTIVE = "active"
    INACTIVE = "inactive"


@strawberry.interface
class Record:
    id: strawberry.ID


@strawberry.type
class Block(Record):
    text: str | None
    status: Status
    priority: int
    weight: float
    is_in_force: bool
    created_at: datetime.datetime
    tags: list[str | None]

    @strawberry.field
    def label(self) -> str:
        return f"{self.text}!"

    @strawberry.field
    def shout(self, times: int = 1) -> str:
        return f"{self.text}" + "!" * times


@strawberry.type
class Note(Record):
    text: str


Anything = Annotated[Block | Note, strawberry.union("Anything")]
EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def block(**changes: Any) -> Block:
    plain = Block(
        id=strawberry.ID("b1"),
        text="Owes",
        status=Status.ACTIVE,
        priority=3,
        weight=1.5,
        is_in_force=True,
        created_at=EPOCH,
        tags=["a", None],
    )
    return dataclasses.replace(plain, **changes)


@strawberry.input
class Wanted:
    status: Status
    limit: int = 2


@strawberry.type
class Query:
    @strawberry.field
    def blocks(self, info: strawberry.Info) -> list[Block]:
        found: list[Block] = info.context
        return found

    @strawberry.field
    def maybe(self, info: strawberry.Info) -> list[Block | None] | None:
        found: list[Block | None] = info.context
        return found

    @strawberry.field
    def records(self, info: strawberry.Info) -> list[Record]:
        return [*info.context, Note(id=strawberry.ID("n1"), text="note")]

    @strawberry.field
    def anything(self, info: strawberry.Info) -> list[Anything]:
        return [*info.context, Note(id=strawberry.ID("n1"), text="note")]

    @strawberry.field
    def wanted(self, wanted: Wanted) -> str:
        return f"{wanted.status.name} {wanted.limit}"

    @strawberry.field
    def nothing(self) -> str | None:
        return None

    @strawberry.field
    def public(self) -> str:
        raise PublicError("NOT_PERMITTED", "No.", extensions={"role": "X"})

    @strawberry.field
    def day(self, on: datetime.date) -> str:
        return on.isoformat()


SCHEMA = strawberry.Schema(query=Query, types=[Block, Note])
BLOCK = "id text status priority weight isInForce createdAt tags label shout(times: 2) __typename"


def executor(**options: Any) -> Executor:
    masking = ErrorMasking(lambda: "c0ffee")
    return Executor(SCHEMA, masking=masking, introspection=True, **options)


def run(query: str, context: object = None, **variables: object) -> Outcome:
    service = executor()
    prepared = service.prepare(query)
    assert isinstance(prepared, Prepared), prepared
    outcome = service.run(prepared, variables, context)
    assert isinstance(outcome, Outcome), outcome
    return outcome


@pytest.mark.parametrize(
    "query",
    [
        f"{{ blocks {{ {BLOCK} }} }}",
        f"{{ maybe {{ {BLOCK} }} }}",
        "{ maybe { id text } }",
        "{ records { __typename id ... on Block { text status } ... on Note { said: text } } }",
        "{ anything { __typename ... on Record { id } ... on Block { tags } } }",
        "{ a: blocks { x: id y: id } ...F } fragment F on Query { blocks { text ...G } } "
        "fragment G on Block { text tags }",
        "query($no: Boolean = false) { blocks { id @include(if: $no) text @skip(if: $no) } }",
        "{ wanted(wanted: {status: INACTIVE}) nothing }",
        "query($w: Wanted! = {status: ACTIVE, limit: 9}) { wanted(wanted: $w) }",
        '{ __type(name: "Block") { name fields { name type { kind ofType { name } } } } }',
    ],
)
@pytest.mark.parametrize(
    "context",
    [
        [block(), block(text=None, status=Status.INACTIVE, tags=[])],
        [],
        [block(weight=2.0, priority=0, is_in_force=False)],
    ],
)
def test_the_answer_is_the_one_that_strawberry_gives(query: str, context: list[Block]) -> None:
    expected = SCHEMA.execute_sync(query, context_value=context)
    assert expected.errors is None
    outcome = run(query, context)
    assert (outcome.data, outcome.errors) == (expected.data, [])


@pytest.mark.parametrize(
    ("query", "context"),
    [
        ("{ blocks { id priority } }", [block(), block(priority=2**40)]),
        ("{ maybe { id priority } }", [block(), block(priority=2**40)]),
        ("{ maybe { id status } }", [block(status="nonsense"), block()]),
        ("{ maybe { id text isInForce } }", [block(is_in_force=None), block()]),
        ("{ maybe { id } }", [block(), None, block(id=None)]),
        ("{ maybe { tags id } }", [block(tags="letters"), block(tags=None), block(tags=7)]),
        ("{ maybe { id } }", [ValueError("x"), block()]),
        ("{ maybe { text } }", [block(text=ValueError("x")), block()]),
        ("{ records { id } }", [object()]),
        ("{ blocks { id } }", 7),
        ("{ blocks { id } }", None),
        ("{ nothing public }", None),
    ],
)
def test_errors_null_the_same_places_as_strawberry_and_stay_masked(
    query: str, context: object
) -> None:
    expected = SCHEMA.execute_sync(query, context_value=context)
    assert expected.errors
    outcome = run(query, context)
    assert outcome.data == expected.data
    assert [error["path"] for error in outcome.errors] == [error.path for error in expected.errors]
    assert {error["extensions"]["code"] for error in outcome.errors} <= {
        "INTERNAL",
        "NOT_PERMITTED",
    }


def test_a_public_error_keeps_its_words_and_details() -> None:
    assert run("{ nothing public }").errors == [
        {
            "message": "No.",
            "extensions": {"code": "NOT_PERMITTED", "role": "X"},
            "locations": [{"line": 1, "column": 11}],
            "path": ["public"],
        }
    ]


def test_a_value_that_a_scalar_refuses_is_the_clients_error() -> None:
    service = executor()
    prepared = service.prepare("query($d: Date!) { day(on: $d) }")
    assert isinstance(prepared, Prepared)
    refused = service.run(prepared, {"d": "2026-02-30"}, None)
    assert isinstance(refused, Refused)
    assert [error["extensions"]["code"] for error in refused.errors] == ["VARIABLES_INVALID"]
    literal = service.prepare('{ day(on: "2026-02-30") }')
    assert isinstance(literal, Refused)
    assert literal.errors[0]["extensions"]["code"] == "VALIDATION_FAILED"


def test_conditions_are_decided_anew_for_every_request() -> None:
    service = executor()
    prepared = service.prepare(
        "query($a: Boolean!) { blocks { id @include(if: $a) text @skip(if: $a) } }"
    )
    assert isinstance(prepared, Prepared)
    answers = []
    for given in (True, False, True):
        outcome = service.run(prepared, {"a": given}, [block()])
        assert isinstance(outcome, Outcome)
        answers.append(outcome.data)
    assert answers == [
        {"blocks": [{"id": "b1"}]},
        {"blocks": [{"text": "Owes"}]},
        {"blocks": [{"id": "b1"}]},
    ]


def test_arguments_in_variables_are_read_anew_for_every_request() -> None:
    service = executor()
    prepared = service.prepare("query($n: Int) { blocks { shout(times: $n) } }")
    assert isinstance(prepared, Prepared)
    for times, expected in ((1, "Owes!"), (3, "Owes!!!")):
        outcome = service.run(prepared, {"n": times}, [block()])
        assert isinstance(outcome, Outcome)
        assert outcome.data == {"blocks": [{"shout": expected}]}


def test_one_document_may_be_run_by_many_threads_at_once() -> None:
    service = executor()
    query = f"query($n: Int) {{ blocks {{ {BLOCK} again: shout(times: $n) }} }}"

    def ask(times: int) -> Any:
        prepared = service.prepare(query)
        assert isinstance(prepared, Prepared)
        outcome = service.run(prepared, {"n": times}, [block()] * 5)
        assert isinstance(outcome, Outcome)
        assert outcome.data is not None
        return outcome.data["blocks"][4]["again"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(64)))
    assert answers == ["Owes" + "!" * times for times in range(64)]


def test_an_asynchronous_resolver_is_refused_when_the_service_starts() -> None:
    @strawberry.type
    class Later:
        @strawberry.field
        async def value(self) -> int:
            return 1

    with pytest.raises(TypeError, match=r"Later\.value is asynchronous"):
        Executor(strawberry.Schema(query=Later), masking=ErrorMasking(lambda: "x"))


def test_relay_nodes_are_recognised_by_their_type() -> None:
    @strawberry.type
    class Thing(relay.Node):
        code: relay.NodeID[str]

    @strawberry.type
    class Root:
        @strawberry.field
        def things(self) -> list[Thing]:
            return [Thing(code="a")]

    schema = strawberry.Schema(query=Root)
    service = Executor(schema, masking=ErrorMasking(lambda: "x"))
    prepared = service.prepare("{ things { id } }")
    assert isinstance(prepared, Prepared)
    outcome = service.run(prepared, None, None)
    assert isinstance(outcome, Outcome)
    assert outcome.data == schema.execute_sync("{ things { id } }").data
