"""What clients are told over HTTP while the database is away: 503, and to try again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from httpx2 import Response

from service.exports import PATH as EXPORT
from service.request_limits import AWAY
from service.uploads import PATH as UPLOAD
from storage.pools import open_pool
from tenancy.scopes import Pool
from tests.cast import ADA, ASHFORD, MAX
from tests.database_server import Database
from tests.desk import Desk, open_desk
from tests.lost_connections import end_connections, wait_for_a_lock
from tests.table_desk import description_id

NAME = "portcullis-test-desk"
VIEWER = "{ viewer { label } }"
USERS = "{ users { nodes { id } } }"
REMOVE = (
    "mutation($id: ID!) { blockDescriptionRemove(input: {blockDescription: $id}) "
    "{ removed { id } userErrors { message } } }"
)
AWAY_NOW = (503, "DATABASE_AWAY", AWAY, "5")


@pytest.fixture
def pool(database: Database) -> Pool:
    return open_pool(database.app_url, size=1, name=NAME)


@pytest.fixture
def ada(database: Database, data_folder: Path, pool: Pool) -> Iterator[Desk]:
    """Ada, when she and Max have operations left that were counted already."""
    with open_desk(database, data_folder, pool=pool) as desk:
        for person in (ADA, MAX):
            desk.as_(person).ask(VIEWER)
        yield desk.as_(ADA)


def told(answer: Response) -> tuple[int, str, str, str]:
    (error,) = answer.json()["errors"]
    code = error["extensions"]["code"]
    return answer.status_code, code, error["message"], answer.headers["retry-after"]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_a_question_without_a_database_is_503_and_the_next_is_answered(
    ada: Desk, database: Database, accept: str
) -> None:
    assert end_connections(database, NAME) == 1
    headers = {"accept": accept, **ada.headers()}
    answer = ada.http.post("/graphql", json={"query": USERS}, headers=headers)
    assert told(answer) == AWAY_NOW
    assert "data" not in answer.json()
    assert ada.ask(VIEWER) == {"viewer": {"label": "ada"}}


def test_a_command_that_loses_the_database_on_the_way_is_503(ada: Desk, database: Database) -> None:
    given = {"id": description_id("UNDEFINED")}
    with database.owner(ASHFORD) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT 1 FROM block_description FOR UPDATE")
        answer = threads.submit(ada.send, REMOVE, given)
        wait_for_a_lock(database, NAME)
        assert end_connections(database, NAME) == 1
        assert told(answer.result()) == AWAY_NOW


def test_an_operation_that_cannot_be_counted_is_503(ada: Desk, database: Database) -> None:
    assert end_connections(database, NAME) == 1
    ada.clock.now = ada.clock.now.replace(year=ada.clock.now.year + 1)
    assert told(ada.send(VIEWER)) == AWAY_NOW


def test_no_connection_to_be_had_in_time_is_503(ada: Desk, pool: Pool) -> None:
    pool.timeout = 0.05
    with pool.connection():
        assert told(ada.send(USERS)) == AWAY_NOW


def test_an_upload_without_a_database_is_503(ada: Desk, database: Database) -> None:
    assert end_connections(database, NAME) == 1
    file = {"file": ("table.csv", b"code,description\nLOST,Lost card\n")}
    assert told(ada.http.post(UPLOAD, headers=ada.headers(), files=file)) == AWAY_NOW


def test_an_export_without_a_database_is_503(ada: Desk, database: Database) -> None:
    assert end_connections(database, NAME) == 1
    assert told(ada.http.get(EXPORT, headers=ada.as_(MAX).headers())) == AWAY_NOW
