"""What scanners and attackers of GraphQL services try, each answered with a clear refusal."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from schema.limits import Limits
from tests.service.toy_service import SECRET, ToyService, toy_service


@pytest.fixture
def service() -> Iterator[ToyService]:
    toy = toy_service(introspection=False)
    yield toy
    toy.endpoint.close()


def first_error(response: Any) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["errors"][0]
    return error


def raw(service: ToyService, body: bytes, **headers: str) -> Any:
    kind = {"content-type": "application/json"} | headers
    return service.client.post("/graphql", content=body, headers=kind)


def assert_refused(response: Any, code: str) -> None:
    assert response.status_code == 400
    assert "data" not in response.json()
    assert first_error(response)["extensions"]["code"] == code


# Too much of something


DOUBLING = "{ users { ...F0 } }" + "".join(
    f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30)
)
BRANCHING = "{ users { ...F0 } }" + "".join(
    f"fragment F{n} on User {{ friends {{ ...F{n + 1} }} blocks {{ id }} ...F{n + 1} }}"
    for n in range(40)
)
LEAF = "fragment F{} on User {{ id }}"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ " + " ".join(f"a{n}: hello" for n in range(31)) + " }", "ALIASES_LIMIT"),
        (
            "mutation { " + " ".join(f'a{n}: noteAdd(text: "x")' for n in range(99)) + " }",
            "ALIASES_LIMIT",
        ),
        ("{ __typename " + "@aa " * 10 + "}", "DIRECTIVES_LIMIT"),
        ("{ " + "__typename " * 500 + "}", "REPEATS_LIMIT"),
        ("{ " + "users { id } " * 300 + "}", "REPEATS_LIMIT"),
        ("{ " + "...F " * 500 + "} fragment F on Query { who }", "REPEATS_LIMIT"),
        ("{ " + "... { who } " * 300 + "}", "REPEATS_LIMIT"),
        ("{ users { " + "friends { " * 30 + "id" + " }" * 30 + "} }", "DEPTH_LIMIT"),
        ("{ " + "... { " * 100 + "who" + " }" * 100 + "}", "DEPTH_LIMIT"),
        ("{ " + "who " * 2_500 + "}", "TOKENS_LIMIT"),
        ("{ who }" + "#\n" * 2_500, "TOKENS_LIMIT"),
        ('{ hello(name: "' + "x" * 100_000 + '") }', "CHARACTERS_LIMIT"),
        (" " * 1_000_000, "CHARACTERS_LIMIT"),
        ("{ users(first: 101) { id } }", "PAGE_LIMIT"),
        (
            "{ users(first: 100) { friends(first: 100) { friends(first: 100) { id } } } }",
            "ROWS_LIMIT",
        ),
        (" ".join(f"query Q{n} {{ who }}" for n in range(11)), "OPERATIONS_LIMIT"),
        (
            "{ who }" + "".join(f" fragment F{n} on Query {{ who }}" for n in range(101)),
            "FRAGMENTS_LIMIT",
        ),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "FRAGMENT_CYCLE"),
        ("{ ...A } fragment A on Query { ...A who ...A }", "FRAGMENT_CYCLE"),
        (DOUBLING + LEAF.format(30), "COST_LIMIT"),
        (BRANCHING + LEAF.format(40), "DEPTH_LIMIT"),
        ("{ __schema { types { name } } }", "INTROSPECTION_OFF"),
        ('{ __type(name: "User") { name } }', "INTROSPECTION_OFF"),
        ("{ ...S } fragment S on Query { x: __schema { types { name } } }", "INTROSPECTION_OFF"),
        (
            "query IntrospectionQuery { who ... { __schema { types { name } } } }",
            "INTROSPECTION_OFF",
        ),
    ],
)
def test_a_document_that_asks_for_too_much_is_refused_unexecuted(
    service: ToyService, query: str, code: str
) -> None:
    response = service.query(query)
    assert_refused(response, code)
    assert service.ledger.opened == []


def test_a_refusal_for_size_says_the_limit_and_what_was_found(service: ToyService) -> None:
    response = service.query("{ users(first: 250) { id } }")
    assert first_error(response) == {
        "message": "A page of 250 was asked for; at most 100 are allowed.",
        "extensions": {"code": "PAGE_LIMIT", "limit": 100, "found": 250},
    }


def test_a_page_size_in_a_variable_counts_as_well(service: ToyService) -> None:
    query = "query($n: Int!) { users(first: $n) { friends(first: $n) { id } } }"
    assert service.query(query, variables={"n": 100}).status_code == 200
    assert_refused(service.query(query, variables={"n": 101}), "PAGE_LIMIT")
    tight = toy_service(limits=Limits(rows=1_000))
    assert tight.query(query, variables={"n": 30}).status_code == 200
    assert_refused(tight.query(query, variables={"n": 40}), "ROWS_LIMIT")


def test_circular_introspection_is_refused_where_introspection_is_on() -> None:
    circle = "fields { type { " * 6 + "name" + " } }" * 6
    response = toy_service().query("{ __schema { types { " + circle + " } } }")
    assert_refused(response, "VALIDATION_FAILED")


def test_many_errors_are_cut_short(service: ToyService) -> None:
    response = service.query("{ " + " ".join(f"zz{n}" for n in range(900)) + " }")
    assert_refused(response, "VALIDATION_FAILED")
    assert len(response.json()["errors"]) == 21


# Bodies


def test_a_body_that_declares_too_much_is_413_unread(service: ToyService) -> None:
    response = raw(service, b"x" * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert first_error(response)["extensions"] == {"code": "BODY_LIMIT", "limit": 1_048_576}


def test_a_body_in_chunks_is_413_as_soon_as_it_is_too_large(service: ToyService) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 65_536

    response = service.client.post(
        "/graphql", content=chunks(), headers={"content-type": "application/json"}
    )
    assert response.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 5_000])
def test_a_senseless_content_length_is_refused(service: ToyService, length: str) -> None:
    assert raw(service, b"{}", **{"content-length": length}).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ who }", "variables": ' + b'{"a": ' * 5_000 + b"1" + b"}" * 5_001,
        b"[" * 100_000,
        b'{"query": "{ who }", "variables": {"a": NaN}}',
        b'{"query": "{ who }", "variables": {"a": Infinity}}',
        b'{"query": "{ who }", "variables": {"a": -Infinity}}',
        b'{"query": "{ who }", "variables": {"a": 1e999}}',
        b'{"query": "\xff\xfe"}',
        b'{"query": "\\ud800"}',
        b'{"query": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"query": "{ who }"}',
        b'{"query": "{ who }"}{"query": "{ who }"}',
        b"query={who}",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_a_body_that_is_not_plain_json_is_400(service: ToyService, body: bytes) -> None:
    assert_refused(raw(service, body), "BAD_REQUEST")


def test_a_compressed_body_is_not_unpacked(service: ToyService) -> None:
    response = raw(service, b"\x1f\x8b\x08\x00", **{"content-encoding": "gzip"})
    assert response.status_code == 415


@pytest.mark.parametrize("body", [b"[]", b'[{"query": "{ who }"}]', b'[{"query": "{ who }"}, 7]'])
def test_batches_are_refused(service: ToyService, body: bytes) -> None:
    assert_refused(raw(service, body), "BATCHING_OFF")
    assert service.ledger.opened == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]
)
def test_what_a_foreign_web_page_can_post_without_asking_is_refused(
    service: ToyService, kind: str
) -> None:
    body = json.dumps({"query": 'mutation { noteAdd(text: "x") }'}).encode()
    assert raw(service, body, **{"content-type": kind}).status_code == 415
    assert service.ledger.kept == []


@pytest.mark.parametrize("depth", [60, 300, 900])
def test_values_nested_deeply_are_refused_or_answered_but_break_nothing(
    service: ToyService, depth: int
) -> None:
    literal = "{ hello(name: " + "[" * depth + "1" + "]" * depth + ") }"
    assert service.query(literal).status_code == 400
    nested: object = 1
    for _ in range(depth):
        nested = [nested]
    query = "query($n: String) { hello(name: $n) }"
    assert service.query(query, variables={"n": nested}).status_code == 400


def test_selections_nested_without_end_are_refused(service: ToyService) -> None:
    response = service.query("{ users " * 900)
    assert response.status_code == 400


# What an answer gives away


def test_an_unexpected_error_is_an_incident_without_words(service: ToyService) -> None:
    with capture_logs() as logs:
        response = service.query('query { broken hello(name: "Grace Hopper") }')
    assert response.status_code == 200
    assert response.json()["errors"] == [
        {
            "message": "Something went wrong on our side. Quote incident c0ffee.",
            "extensions": {"code": "INTERNAL", "incident": "c0ffee"},
            "locations": [{"line": 1, "column": 9}],
            "path": ["broken"],
        }
    ]
    assert SECRET not in response.text
    (incident,) = [entry for entry in logs if entry["event"] == "incident"]
    assert incident["incident"] == "c0ffee"
    assert incident["causes"][0]["type"] == "builtins.RuntimeError"
    assert incident["causes"][0]["stack"][-1].endswith(" broken")
    assert "S123456789" not in str(logs)
    assert "Grace" not in str(logs)


def test_no_names_are_suggested_outside_development() -> None:
    for query in ("{ whoo }", '{ hello(nam: "x") }', "query($n: Strin) { hello(name: $n) }"):
        assert "Did you mean" not in toy_service().query(query).text
    assert "Did you mean" in toy_service(suggestions=True).query("{ whoo }").text


def test_typename_is_answered_though_introspection_is_off(service: ToyService) -> None:
    assert service.query("{ __typename }").json()["data"] == {"__typename": "Query"}


def test_tracing_is_not_offered(service: ToyService) -> None:
    response = service.post({"query": "{ who }"}, **{"x-apollo-tracing": "1"})
    assert set(response.json()["extensions"]) == {"cost", "limits"}


def test_a_query_by_get_still_needs_a_principal(service: ToyService) -> None:
    del service.client.headers["authorization"]
    assert service.client.get("/graphql?query={who}").status_code == 401
    assert service.client.get("/graphql").status_code == 401


def test_no_page_is_served_to_a_browser(service: ToyService) -> None:
    response = service.client.get("/graphql", headers={"accept": "text/html"})
    assert response.status_code == 406


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "{ broken }"},
        {"query": "{ forbidden }"},
        {"query": "query($n: Int!) { users(first: $n) { id } }"},
        {"query": 7},
        {"query": "{ users(first: 1000) { id } }"},
    ],
)
def test_every_error_carries_a_code(service: ToyService, body: dict[str, Any]) -> None:
    errors = service.post(body).json()["errors"]
    assert errors
    assert all(isinstance(error["extensions"]["code"], str) for error in errors)


def test_subscriptions_are_not_answered_here(service: ToyService) -> None:
    assert service.query("subscription { __typename }").status_code == 400
