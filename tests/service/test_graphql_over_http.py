"""The GraphQL-over-HTTP specification, statement by statement, and the checks that its published
audit of servers makes."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from service.graphql_requests import GRAPHQL_RESPONSE, JSON
from tests.service.toy_service import ToyService, send, toy_service

BOTH = (JSON, GRAPHQL_RESPONSE)
TYPENAME = "{ __typename }"


@pytest.fixture
def service() -> Iterator[ToyService]:
    toy = toy_service()
    yield toy
    toy.endpoint.close()


def get(service: ToyService, *, accept: str = GRAPHQL_RESPONSE, **parameters: str) -> Any:
    return service.client.get(f"/graphql?{urlencode(parameters)}", headers={"accept": accept})


# Media types


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (JSON, JSON),
        (None, GRAPHQL_RESPONSE),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL_RESPONSE}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL_RESPONSE),
        (f"{JSON}, {GRAPHQL_RESPONSE}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL_RESPONSE};q=0.9", GRAPHQL_RESPONSE),
        (f"{GRAPHQL_RESPONSE};q=0.1, {JSON};q=0.2", JSON),
        (f"{JSON};q=0, */*", GRAPHQL_RESPONSE),
        ("text/html, application/xhtml+xml, */*;q=0.1", JSON),
        (f"*/*, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE),
        ("APPLICATION/JSON", JSON),
        (f'{JSON}; charset="UTF-8"', JSON),
    ],
)
def test_the_answer_comes_in_the_media_type_the_client_likes_best(
    service: ToyService, accept: str | None, expected: str
) -> None:
    response = send(service, {"query": TYPENAME}, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        f"{JSON};q=0",
        "application/xml",
        f"{JSON};charset=iso-8859-1",
        "",
        f"{JSON};q=x",
        "text/event-stream",
        "multipart/mixed",
    ],
)
def test_a_client_that_accepts_neither_media_type_gets_406(
    service: ToyService, accept: str
) -> None:
    response = send(service, {"query": TYPENAME}, accept=accept)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"
    assert service.ledger.opened == []


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON; Charset="UTF-8"',
        "application/json;charset=utf-8; profile=x",
    ],
)
def test_json_in_utf_8_is_understood(service: ToyService, kind: str) -> None:
    body = {"query": "query($n: String!) { hello(name: $n) }", "variables": {"n": "Żółć 🏃"}}
    response = send(service, json.dumps(body, ensure_ascii=False).encode(), kind=kind)
    assert response.status_code == 200
    assert response.content.decode("utf-8")
    assert response.json()["data"] == {"hello": "Hello Żółć 🏃"}


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/graphql-response+json",
        "application/json; charset=iso-8859-1",
        "application/jsonp",
    ],
)
def test_any_other_content_type_is_refused_unread(service: ToyService, kind: str | None) -> None:
    response = send(service, {"query": TYPENAME}, kind=kind)
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == "CONTENT_TYPE"


# Methods


def test_queries_may_come_by_get(service: ToyService) -> None:
    for accept in BOTH:
        response = get(service, accept=accept, query=TYPENAME)
        assert (response.status_code, response.json()["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize("accept", BOTH)
def test_variables_of_a_get_are_json_in_the_address(service: ToyService, accept: str) -> None:
    response = get(
        service,
        accept=accept,
        query="query Hi($n: String!) { hello(name: $n) } query Other { who }",
        operationName="Hi",
        variables='{"n": "Żółć"}',
        extensions="{}",
    )
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "Hello Żółć"})


@pytest.mark.parametrize("accept", BOTH)
@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "mutation { __typename }"},
        {"query": 'mutation { noteAdd(text: "x") }'},
        {"query": "query A { who } mutation B { __typename }", "operationName": "B"},
    ],
)
def test_a_mutation_by_get_is_405_and_does_nothing(
    service: ToyService, accept: str, parameters: dict[str, str]
) -> None:
    response = get(service, accept=accept, **parameters)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert "data" not in response.json()
    assert service.ledger.opened == []


def test_a_query_beside_a_mutation_may_come_by_get(service: ToyService) -> None:
    response = get(service, query="query A { who } mutation B { __typename }", operationName="A")
    assert response.json()["data"] == {"who": "Ada"}


def test_an_empty_operation_name_in_the_address_is_none(service: ToyService) -> None:
    assert get(service, query="query Q { who }", operationName="").status_code == 200


def test_a_get_named_null_looks_for_an_operation_of_that_name(service: ToyService) -> None:
    assert get(service, query="query null { who }", operationName="null").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_other_methods_are_405_and_say_which_are_allowed(service: ToyService, method: str) -> None:
    response = service.client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


# Well-formed requests


@pytest.mark.parametrize("accept", BOTH)
@pytest.mark.parametrize(
    "body",
    [
        {"query": TYPENAME},
        {"query": TYPENAME, "operationName": None},
        {"query": TYPENAME, "variables": None},
        {"query": TYPENAME, "extensions": None},
        {"query": TYPENAME, "variables": {}, "extensions": {"some": "value"}},
        {"query": "query Query { __typename }", "operationName": "Query"},
        {"query": TYPENAME, "reserved": "for later"},
        {
            "query": "query T($name: String!) { __type(name: $name) { name } }",
            "variables": {"name": "sometype"},
        },
    ],
)
def test_a_well_formed_request_is_answered_without_errors(
    service: ToyService, accept: str, body: dict[str, Any]
) -> None:
    response = send(service, body, accept=accept)
    assert response.status_code == 200
    assert "errors" not in response.json()


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE, "*/*", None])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{ "not a JSON',
        b"NONSENSE",
        b"null",
        b'"a string"',
        b"7",
        b"{}",
        b'{"qeury": "{ __typename }"}',
        *(
            json.dumps({"query": TYPENAME} | {name: wrong}).encode()
            for name, values in {
                "query": ({"obj": "ect"}, 0, False, ["array"], None),
                "operationName": ({"obj": "ect"}, 0, False, ["array"]),
                "variables": ("string", 0, False, ["array"]),
                "extensions": ("string", 0, False, ["array"]),
            }.items()
            for wrong in values
        ),
    ],
)
def test_a_malformed_request_is_400_whatever_is_accepted(
    service: ToyService, accept: str | None, body: bytes
) -> None:
    response = send(service, body, accept=accept)
    assert response.status_code == 400
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert service.ledger.opened == []


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=%FF%FE",
        "query={__typename}&variables=%7B",
        "query={__typename}&variables=[1]",
        "query={__typename}&variables=",
        "query={__typename}&extensions=7",
        "query={__typename}&query={who}",
        "&".join(f"x{number}=1" for number in range(50)),
    ],
)
def test_a_malformed_address_is_400(service: ToyService, query_string: str) -> None:
    response = service.client.get(f"/graphql?{query_string}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
