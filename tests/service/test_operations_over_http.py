"""What an operation answers over HTTP: its errors, who asked, what is kept and what it cost."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from service.graphql_requests import GRAPHQL_RESPONSE, JSON
from service.request_limits import RateLimit
from tests.service.toy_service import ToyService, send, toy_service

BOTH = (JSON, GRAPHQL_RESPONSE)
TYPENAME = "{ __typename }"


@pytest.fixture
def service() -> Iterator[ToyService]:
    toy = toy_service()
    yield toy
    toy.endpoint.close()


# Errors of the operation


REQUEST_ERRORS = [
    ({"query": "{"}, "PARSE_FAILED"),
    ({"query": ""}, "PARSE_FAILED"),
    ({"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}, "PARSE_FAILED"),
    ({"query": "{ nothing }"}, "VALIDATION_FAILED"),
    ({"query": "{ hello(name: 7) }"}, "VALIDATION_FAILED"),
    ({"query": "query A { who } query B { who }"}, "OPERATION_AMBIGUOUS"),
    ({"query": "query A { who }", "operationName": "B"}, "OPERATION_UNKNOWN"),
    ({"query": "fragment F on Query { who }"}, "VALIDATION_FAILED"),
    ({"query": "query Q($id: ID!) { __typename }", "variables": {"id": None}}, "VALIDATION_FAILED"),
    ({"query": "query Q($n: String!) { hello(name: $n) }"}, "VARIABLES_INVALID"),
    (
        {"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": None}},
        "VARIABLES_INVALID",
    ),
    (
        {"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": 7}},
        "VARIABLES_INVALID",
    ),
    ({"query": "subscription { __typename }"}, "VALIDATION_FAILED"),
]


@pytest.mark.parametrize(("body", "code"), REQUEST_ERRORS)
def test_an_operation_that_cannot_run_is_400_for_new_clients(
    service: ToyService, body: dict[str, Any], code: str
) -> None:
    response = send(service, body, accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400
    assert "data" not in response.json()
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}
    assert service.ledger.opened == []


@pytest.mark.parametrize(("body", "code"), REQUEST_ERRORS)
def test_an_operation_that_cannot_run_is_200_for_clients_of_plain_json(
    service: ToyService, body: dict[str, Any], code: str
) -> None:
    response = send(service, body, accept=JSON)
    assert response.status_code == 200
    assert "data" not in response.json()
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}


@pytest.mark.parametrize("accept", BOTH)
def test_an_error_of_a_field_leaves_the_rest_and_is_200(service: ToyService, accept: str) -> None:
    response = send(service, {"query": "{ forbidden who }"}, accept=accept)
    assert response.status_code == 200
    assert response.json()["data"] == {"forbidden": None, "who": "Ada"}
    assert response.json()["errors"] == [
        {
            "message": "This is for managers.",
            "extensions": {"code": "NOT_PERMITTED"},
            "locations": [{"line": 1, "column": 3}],
            "path": ["forbidden"],
        }
    ]


@pytest.mark.parametrize("accept", BOTH)
def test_data_that_became_null_is_200_as_well(service: ToyService, accept: str) -> None:
    response = send(service, {"query": "mutation { noteBreak }"}, accept=accept)
    assert (response.status_code, response.json()["data"]) == (200, None)


# Who asks


@pytest.mark.parametrize("body", [b'{"query": "{ __typename }"}', b"NONSENSE", b"x" * 3_000_000])
def test_without_a_principal_nothing_of_the_body_is_looked_at(
    service: ToyService, body: bytes
) -> None:
    del service.client.headers["authorization"]
    response = send(service, body)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert response.json() == {
        "errors": [
            {
                "message": "The bearer token has expired. Sign in again.",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }
    assert service.ledger.opened == []


def test_a_token_that_is_not_accepted_is_challenged_as_invalid(service: ToyService) -> None:
    service.client.headers["authorization"] = "Bearer bad"
    response = send(service, {"query": TYPENAME}, accept=JSON)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'


# Transactions


def test_a_mutation_is_kept_and_answers_what_it_did(service: ToyService) -> None:
    response = service.query('mutation { a: noteAdd(text: "x") b: noteAdd(text: "y") }')
    assert response.json()["data"] == {"a": "x", "b": "y"}
    assert service.ledger.kept == ["x", "y"]
    assert service.ledger.opened == service.ledger.closed == ["mutation"]


def test_one_broken_mutation_undoes_the_whole_operation(service: ToyService) -> None:
    response = service.query('mutation { noteAdd(text: "x") noteBreak }')
    assert response.json()["data"] is None
    assert [error["path"] for error in response.json()["errors"]] == [["noteBreak"]]
    assert service.ledger.kept == []


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_RESPONSE, 500)])
def test_a_commit_that_fails_never_answers_success(
    service: ToyService, accept: str, status: int
) -> None:
    service.ledger.commit_fails = True
    response = send(service, {"query": 'mutation { noteAdd(text: "x") }'}, accept=accept)
    assert response.status_code == status
    assert response.json() == {
        "errors": [
            {
                "message": "Something went wrong on our side. Quote incident c0ffee.",
                "extensions": {"code": "INTERNAL", "incident": "c0ffee"},
            }
        ]
    }
    assert service.ledger.kept == []


def test_a_client_that_goes_away_leaves_no_open_transaction(service: ToyService) -> None:
    body = b'{"query": "{ slow }"}'

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send_nothing(_message: Any) -> None:
        raise AssertionError("a client that went away is not answered")

    async def start_and_leave() -> None:
        headers = [(b"authorization", b"Bearer good"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
        task = asyncio.create_task(service.endpoint(scope, receive, send_nothing))
        await asyncio.to_thread(service.ledger.inside.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert service.ledger.closed == []
        service.ledger.go_on.set()

    asyncio.run(start_and_leave())
    service.endpoint.close()
    assert service.ledger.closed == ["query"]


# What every answer tells


def test_every_answer_shows_what_it_cost_and_what_is_allowed(service: ToyService) -> None:
    response = service.query("{ users(first: 5) { name friends(first: 2) { id } } }")
    assert response.json()["extensions"] == {
        "cost": {"fields": 21, "rows": 15, "depth": 3},
        "limits": {
            "fields": 200_000,
            "rows": 20_000,
            "depth": 24,
            "page": 100,
            "aliases": 30,
            "tokens": 2_000,
        },
    }


def test_every_answer_shows_what_is_left_of_the_rate() -> None:
    service = toy_service(rate=RateLimit(limit=60, remaining=59, resets_in_seconds=30))
    assert service.query("{ who }").json()["extensions"]["rateLimit"] == {
        "limit": 60,
        "remaining": 59,
        "resetsInSeconds": 30,
    }


@pytest.mark.parametrize("accept", BOTH)
def test_too_many_operations_are_429_before_the_document_is_read(accept: str) -> None:
    rate = RateLimit(limit=60, remaining=0, resets_in_seconds=30, exceeded=True)
    service = toy_service(rate=rate)
    response = send(service, {"query": "{"}, accept=accept)
    assert (response.status_code, response.headers["retry-after"]) == (429, "30")
    assert response.json()["errors"][0]["extensions"] == {
        "code": "RATE_LIMIT",
        "limit": 60,
        "rateLimit": {"limit": 60, "remaining": 0, "resetsInSeconds": 30},
    }
    assert service.ledger.opened == []


def test_answers_are_neither_cached_nor_sniffed(service: ToyService) -> None:
    response = service.query("{ who }")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
