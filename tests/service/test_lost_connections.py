"""What clients are told over HTTP while the database is away: 503, and to try again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from service.exports import PATH as EXPORT
from service.request_limits import AWAY, IN_DOUBT
from storage.pools import open_pool
from tests.cast import ADA, ASHFORD, MAX, NOW
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.lost_connections import end_connections

NAME = "portcullis-test-desk"
QUERY = "{ blockDescriptions { code } }"
REORDER = "mutation { blockDescriptionRemove(input: {blockDescription: \"nothing\"}) { __typename } }"
CSV = b"code,description\nLOST,Lost card\n"


@pytest.fixture
def desk(database: Database, data_folder: Path) -> Iterator[Desk]:
    pool = open_pool(database.app_url, size=1, name=NAME)
    with open_desk(database, data_folder, pool=pool) as desk:
        ada = desk.as_(ADA)
        ada.ask("{ viewer { label } }")
        desk.as_(MAX).ask("{ viewer { label } }")
        yield ada


def told(answer: Response) -> tuple[int, str, str, str]:
    (error,) = answer.json()["errors"]
    code = error["extensions"]["code"]
    return answer.status_code, code, error["message"], answer.headers["retry-after"]


AWAY_NOW = (503, "DATABASE_AWAY", AWAY, "5")


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_an_operation_is_told_so(desk: Desk, database: Database, accept: str) -> None:
    headers = {"accept": accept, **desk.headers()}
    assert end_connections(database, NAME) == 1
    answer = desk.http.post("/graphql", json={"query": "{ viewer { label } users { nodes { id } } }"}, headers=headers)
    assert told(answer) == AWAY_NOW
    assert "data" not in answer.json()
    assert desk.ask("{ viewer { label } }") == {"viewer": {"label": "ada"}}
