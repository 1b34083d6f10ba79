"""Documents are read once: what is kept, for how long, and what is known of them."""

from typing import Any

import strawberry

from schema.documents import DocumentCache, OperationKind, Prepared, Refused
from schema.execution import Executor
from schema.limits import Limits
from schema.masking import ErrorMasking


@strawberry.type
class Block:
    id: strawberry.ID


@strawberry.type
class Query:
    nothing: str | None = None
    public: str = "yes"
    blocks: list[Block] = strawberry.field(default_factory=list)


def executor(**options: Any) -> Executor:
    return Executor(
        strawberry.Schema(query=Query), masking=ErrorMasking(lambda: "c0ffee"), **options
    )


def test_a_document_is_prepared_once_and_its_notes_stay_with_it() -> None:
    service = executor()
    first = service.prepare("query A { nothing } query B { blocks { id } }", "A")
    again = service.prepare("query A { nothing } query B { blocks { id } }", "A")
    assert isinstance(first, Prepared)
    assert first is again
    assert (first.kind, first.name, first.root_fields) == (OperationKind.QUERY, "A", ("nothing",))
    first.notes["seen"] = 1
    assert again.notes == {"seen": 1}


def test_notes_do_not_outlive_a_request_whose_variables_decide_what_is_selected() -> None:
    prepared = executor().prepare("query($a: Boolean!) { nothing @include(if: $a) }")
    assert isinstance(prepared, Prepared)
    prepared.notes["seen"] = 1
    assert prepared.notes == {}


def test_root_fields_are_named_as_often_as_they_are_answered() -> None:
    prepared = executor().prepare(
        "{ a: nothing nothing ...F ... { public } } fragment F on Query { blocks { id } nothing }"
    )
    assert isinstance(prepared, Prepared)
    assert sorted(prepared.root_fields) == ["blocks", "nothing", "nothing", "public"]


def test_refusals_are_kept_as_well_and_cannot_push_out_good_documents() -> None:
    service = executor(cache=DocumentCache(documents=10, characters=10_000))
    good = service.prepare("{ nothing }")
    broken = service.prepare("{ broken }")
    assert broken is service.prepare("{ broken }")
    for number in range(100):
        service.prepare(f"{{ broken{number} }}")
    assert service.prepare("{ nothing }") is good
    assert service.prepare("{ broken }") is not broken


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    service = executor(cache=DocumentCache(documents=2, characters=10_000))
    one, two = service.prepare("{ a: nothing }"), service.prepare("{ b: nothing }")
    assert service.prepare("{ a: nothing }") is one
    service.prepare("{ c: nothing }")
    assert service.prepare("{ a: nothing }") is one
    assert service.prepare("{ b: nothing }") is not two


def test_a_document_too_long_for_the_cache_is_answered_but_not_kept() -> None:
    service = executor(cache=DocumentCache(documents=10, characters=1_000))
    long = "{ nothing }" + " " * 200
    first = service.prepare(long)
    assert isinstance(first, Prepared)
    assert service.prepare(long) is not first


def test_limits_hold_for_every_operation_of_a_document() -> None:
    refused = executor(limits=Limits(aliases=1)).prepare(
        "query A { nothing } query B { a: nothing b: nothing }", "A"
    )
    assert isinstance(refused, Refused)
    assert refused.errors[0]["extensions"]["code"] == "ALIASES_LIMIT"
