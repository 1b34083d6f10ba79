"""API tokens over HTTP: added, shown once, used, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response

from rules.roles import Role
from tenancy.api_tokens import parse_api_token
from tests.cast import ASHFORD, CARL, GRETA, NOW, ONE_OF_EACH_ROLE
from tests.database_server import Database
from tests.desk import Desk

ADD = """
mutation($input: ApiTokenAddInput!) { apiTokenAdd(input: $input) {
  token apiToken { id name createdBy createdAt expiresAt revokedAt lastUsedAt
    grants { role library } }
  userErrors { __typename message path } } }
"""
REVOKE = """
mutation($input: ApiTokenRevokeInput!) { apiTokenRevoke(input: $input) {
  apiToken { id revokedAt } userErrors { __typename message path } } }
"""
LIST = "{ apiTokens { nodes { id name revokedAt lastUsedAt } } }"
VIEWER = "{ viewer { label institutionCode roles } }"
READER = {"role": "AUDITOR"}


def add(client: Desk, **given: object) -> dict[str, Any]:
    wanted = {"name": "Kiosk", "grants": [READER], **given}
    payload: dict[str, Any] = client.as_(GRETA).ask(ADD, input=wanted)["apiTokenAdd"]
    return payload


def revoke(client: Desk, token_id: str) -> dict[str, Any]:
    payload: dict[str, Any] = client.as_(GRETA).ask(REVOKE, input={"apiToken": token_id})[
        "apiTokenRevoke"
    ]
    return payload


def send(client: Desk, token: str, query: str = VIEWER, **headers: str) -> Response:
    return client.http.post(
        "/graphql",
        json={"query": query},
        headers={
            "authorization": f"Bearer {token}",
            "accept": "application/graphql-response+json",
            **headers,
        },
    )


def tampered(token: str) -> str:
    """The same institution and id with another secret of the right form."""
    head, secret = token[:-43], token[-43:]
    return head + ("B" if secret[0] == "A" else "A") + secret[1:]


def test_an_added_token_signs_a_front_end_in_with_its_roles(client: Desk) -> None:
    payload = add(client, grants=[READER, {"role": "CIRCULATION_DESK_OPERATOR", "library": "LAW"}])
    assert payload["userErrors"] == []
    assert payload["apiToken"]["grants"] == [
        {"role": "AUDITOR", "library": None},
        {"role": "CIRCULATION_DESK_OPERATOR", "library": "LAW"},
    ]
    assert send(client, payload["token"]).json()["data"]["viewer"] == {
        "label": "Kiosk",
        "institutionCode": ASHFORD,
        "roles": ["CIRCULATION_DESK_OPERATOR", "AUDITOR"],
    }


def test_the_secret_is_shown_once_and_stored_hashed(client: Desk, database: Database) -> None:
    payload = add(client)
    parsed = parse_api_token(payload["token"])
    assert parsed is not None
    rows = database.rows("SELECT to_jsonb(t)::text FROM api_token t", ASHFORD)
    events = database.rows("SELECT to_jsonb(v)::text FROM history_value v", ASHFORD)
    for (row,) in rows + events:
        assert parsed.secret.hex() not in row
        assert payload["token"][-43:] not in row
    assert payload["token"] not in client.as_(GRETA).send(LIST).text


def test_adding_and_revoking_leave_events_without_the_hash(
    client: Desk, database: Database
) -> None:
    token_id = add(client, name="Catalogue")["apiToken"]["id"]
    revoke(client, token_id)
    query = "query($of: ID!) { history(of: $of) { nodes { deed actor changes { field after } } } }"
    nodes = client.as_(GRETA).ask(query, of=token_id)["history"]["nodes"]
    assert [(node["deed"], node["actor"]) for node in nodes] == [
        ("api_token.revoke", "greta"),
        ("api_token.add", "greta"),
    ]
    assert {c["field"]: c["after"] for c in nodes[1]["changes"]} == {
        "createdBy": "greta",
        "grants": '["AUDITOR"]',
        "name": "Catalogue",
    }


def test_a_revoked_token_signs_nobody_in(client: Desk) -> None:
    payload = add(client)
    assert send(client, payload["token"]).status_code == 200
    assert revoke(client, payload["apiToken"]["id"])["userErrors"] == []
    assert send(client, payload["token"]).status_code == 401


def test_an_expired_token_signs_nobody_in(client: Desk, database: Database) -> None:
    # Tokens live by the real time, whatever the clock of the desk says.
    payload = add(client, expiresAt=(NOW + timedelta(days=36_500)).isoformat())
    assert send(client, payload["token"]).status_code == 200
    with database.owner(ASHFORD) as connection:
        connection.execute(
            "UPDATE api_token SET expires_at = %s", [datetime.now(UTC) - timedelta(seconds=1)]
        )
    assert send(client, payload["token"]).status_code == 401


def test_every_token_that_is_not_accepted_is_answered_alike(client: Desk) -> None:
    right = add(client)["token"]
    wrong = [
        tampered(right),
        right.replace("ASHFORD", "CEDAR"),
        right.replace("ASHFORD", "NOWHERE"),
        right.replace("ASHFORD", "no-code"),
        right[:-50] + "0" * 7 + right[-43:],
        "pcl_nonsense",
    ]
    answers = [send(client, token) for token in wrong]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["errors"][0]["message"] == "The API token was not accepted."


def test_a_token_speaks_for_its_own_institution_only(client: Desk) -> None:
    token = add(client)["token"]
    assert send(client, token, **{"x-institution": "ASHFORD"}).status_code == 200
    assert send(client, token, **{"x-institution": "CEDAR"}).status_code == 401


def test_the_last_use_is_noted(client: Desk) -> None:
    payload = add(client, name="Noted")
    send(client, payload["token"])
    nodes = client.as_(GRETA).ask(LIST)["apiTokens"]["nodes"]
    used = {node["id"]: node["lastUsedAt"] for node in nodes}[payload["apiToken"]["id"]]
    assert abs(datetime.fromisoformat(used) - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_use_is_noted_at_most_once_a_minute(client: Desk, database: Database) -> None:
    token = add(client)["token"]
    send(client, token)
    count = "SELECT count(DISTINCT xmin::text) FROM api_token WHERE last_used_at IS NOT NULL"
    stamps = "SELECT array_agg(xmin::text ORDER BY id) FROM api_token"
    assert database.value(count, ASHFORD) != 0
    before = database.value(stamps, ASHFORD)
    send(client, token)
    assert database.value(stamps, ASHFORD) == before


def test_what_a_token_does_is_in_the_history_under_its_name(client: Desk) -> None:
    token = add(client, name="Setup", grants=[{"role": "GENERAL_SYSTEM_ADMINISTRATOR"}])["token"]
    made = client.http.post(
        "/graphql",
        json={"query": ADD, "variables": {"input": {"name": "Made", "grants": [READER]}}},
        headers={"authorization": f"Bearer {token}"},
    ).json()["data"]["apiTokenAdd"]["apiToken"]
    assert made["createdBy"] == "Setup"
    query = "query($of: ID!) { history(of: $of) { nodes { actor channel } } }"
    nodes = client.as_(GRETA).ask(query, of=made["id"])["history"]["nodes"]
    assert nodes == [{"actor": "Setup", "channel": "API"}]


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"name": " "}, ["input", "name"], "Give the API token a name."),
        ({"grants": []}, ["input", "grants"], "Give from 1 to 20 roles."),
        (
            {"grants": [{"role": "PATRON"}]},
            ["input", "grants", "0", "role"],
            "An API token cannot be given the role PATRON.",
        ),
        (
            {"grants": [READER, {"role": "NETWORK_ADMINISTRATOR"}]},
            ["input", "grants", "1", "role"],
            "An API token cannot be given the role NETWORK_ADMINISTRATOR.",
        ),
        (
            {"grants": [{"role": "AUDITOR", "library": "NOWHERE"}]},
            ["input", "grants", "0", "library"],
            "There is no such library.",
        ),
        (
            {"grants": [READER, READER]},
            ["input", "grants"],
            "The same role is given twice.",
        ),
        (
            {"expiresAt": NOW.isoformat()},
            ["input", "expiresAt"],
            "The expiry date has passed already; choose a later one, or none.",
        ),
    ],
)
def test_a_token_that_cannot_be_is_refused_and_not_stored(
    client: Desk, database: Database, given: dict[str, Any], path: list[str], message: str
) -> None:
    before = database.value("SELECT count(*) FROM api_token", ASHFORD)
    payload = add(client, **given)
    assert payload == {
        "token": None,
        "apiToken": None,
        "userErrors": [{"__typename": "InvalidInputError", "message": message, "path": path}],
    }
    assert database.value("SELECT count(*) FROM api_token", ASHFORD) == before


def test_a_token_is_revoked_once_and_another_institutions_does_not_exist(client: Desk) -> None:
    token_id = add(client)["apiToken"]["id"]
    foreign = client.as_(CARL).ask(REVOKE, input={"apiToken": token_id})["apiTokenRevoke"]
    assert [e["__typename"] for e in foreign["userErrors"]] == ["NotFoundError"]
    assert revoke(client, token_id)["userErrors"] == []
    assert [e["__typename"] for e in revoke(client, token_id)["userErrors"]] == ["ConflictError"]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_only_the_general_system_administrator_keeps_tokens(client: Desk, role: Role) -> None:
    person = client.as_(ONE_OF_EACH_ROLE[role])
    may = role is Role.GENERAL_SYSTEM_ADMINISTRATOR
    assert person.error_codes(LIST) == ([] if may else ["NOT_PERMITTED"])
    payload = person.ask(ADD, input={"name": "Mine", "grants": [READER]})["apiTokenAdd"]
    assert (payload["token"] is not None) == may
