"""What the service counts, who may see it, and what a label never names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from tests.cast import ASHFORD, GRETA, MAX, OLIVE, PIA
from tests.database_server import Database
from tests.desk import Desk, open_desk, settings_for
from tests.live_service import LiveService

USER = "query($i: String!) { user(identifier: $i) { id gate { verdict } } }"
TOKEN = "a-token-for-the-scraper"


@pytest.fixture
def metered(database: Database, data_folder: Path) -> Iterator[Desk]:
    with open_desk(database, data_folder, rate_limit_per_minute=5) as desk:
        yield desk


def shown(desk: Desk, **headers: str) -> str:
    answer = desk.http.get("/metrics", headers=headers)
    assert answer.status_code == 200
    text: str = answer.text
    return text


def value(text: str, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return 0.0 if found is None else float(found[1])


@pytest.mark.parametrize(
    ("query", "kind", "outcome"),
    [
        ("{ viewer { label } }", "query", "answered"),
        ('{ users(after: "x") { nodes { id } } }', "query", "errors"),
        ("{ nonsense }", "none", "refused"),
        (
            "mutation { jobRun(input: {kind: REMOVE_BLOCKS}) { jobReport { id } } }",
            "mutation",
            "answered",
        ),
    ],
)
def test_requests_are_counted_by_kind_and_by_what_came_of_them(
    client: Desk, query: str, kind: str, outcome: str
) -> None:
    sample = f'portcullis_request_seconds_count{{kind="{kind}",outcome="{outcome}"}}'
    before = value(shown(client), sample)
    client.send(query)
    assert value(shown(client), sample) == before + 1


def test_refused_sign_ins_are_counted_by_code(client: Desk) -> None:
    sample = 'portcullis_sign_in_refused_total{code="TOKEN_MALFORMED"}'
    before = value(shown(client), sample)
    client.as_(None).send("{ viewer { label } }")
    assert value(shown(client), sample) == before + 1


def test_operations_beyond_the_rate_limit_are_counted_and_answered_429(metered: Desk) -> None:
    before = value(shown(metered), "portcullis_rate_limited_total")
    # Nobody else of this file asks as Max.
    answers = [metered.as_(MAX).send("{ viewer { label } }") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[0].json()["extensions"]["rateLimit"]["remaining"] == 4
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMIT"
    assert value(shown(metered), "portcullis_rate_limited_total") == before + 2


def test_no_label_names_an_institution_or_a_person(client: Desk) -> None:
    client.ask(USER, i=PIA.primary_id)
    text = shown(client)
    for name in (ASHFORD, OLIVE.primary_id, PIA.last_name, str(PIA.barcode), GRETA.last_name):
        assert name not in text


def test_the_pool_is_shown(client: Desk) -> None:
    assert 'portcullis_database_connections{state="used"}' in shown(client)


def test_production_shows_metrics_to_the_bearer_of_the_token_only(
    database: Database, data_folder: Path
) -> None:
    given: dict[str, Any] = {"environment": "production", "metrics_token": TOKEN}
    with open_desk(database, data_folder, **given) as desk:
        codes = [
            desk.http.get("/metrics", headers=headers).status_code
            for headers in (
                {},
                {"authorization": "Bearer wrong"},
                {"authorization": f"Bearer {TOKEN}"},
            )
        ]
    assert codes == [404, 404, 200]


def test_production_without_a_token_has_no_metrics(database: Database, data_folder: Path) -> None:
    with open_desk(database, data_folder, environment="production") as desk:
        assert desk.http.get("/metrics").status_code == 404


def test_a_token_that_is_too_short_is_refused(database: Database, data_folder: Path) -> None:
    with pytest.raises(ValidationError):
        settings_for(database, data_folder, metrics_token="short")


def test_the_counts_of_two_processes_add_up(live_server: LiveService) -> None:
    sample = 'portcullis_request_seconds_count{kind="query",outcome="answered"}'
    for _ in range(20):
        # A connection each, so that both processes have their share.
        live_server.post(OLIVE, "{ viewer { label } }")
    texts = [httpx2.get(f"{live_server.url}/metrics").text for _ in range(4)]
    assert [value(text, sample) for text in texts] == [20.0] * 4
