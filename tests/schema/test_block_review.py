"""The review list over HTTP: open-ended and old blocks in force, oldest first, with their users."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from schema.ids import encoded
from tests.blocked import new_patron, put_block
from tests.cast import ASHFORD, CARL, NOW, PIA, Person
from tests.database_server import Database
from tests.desk import Desk

REVIEW = """
query($days: Int, $code: String, $open: Boolean! = false, $first: Int! = 25, $after: String) {
  blocksToReview(olderThanDays: $days, descriptionCode: $code, openEndedOnly: $open,
      first: $first, after: $after) {
    nodes { ageDays isOpenEnded userBlock { id isInForce description { code } }
      user { primaryId hasBlocks blocks { nodes { id } } } }
    pageInfo { hasNextPage endCursor } } }
"""


def days_ago(days: int) -> Any:
    return NOW - timedelta(days=days)


@pytest.fixture(scope="module")
def blocks(database: Database) -> dict[str, str]:
    """The id of each block by what is to be said of it."""
    with database.owner(ASHFORD) as connection:
        connection.execute("DELETE FROM user_block")
    one, two = new_patron(database), new_patron(database)
    later = NOW + timedelta(days=30)

    def put(person: Person, days: int, code: str = "UNPAID", **columns: object) -> str:
        number: UUID = put_block(database, person, code, created_at=days_ago(days), **columns)
        return encoded("b", number)

    return {
        "old and open": put(one, 900),
        "old": put(two, 400, "LOST_CARD", expires_at=later),
        "a year and a day short": put(one, 364, expires_at=later),
        "young and open": put(two, 3),
        "young": put(one, 2, expires_at=later),
        "old but off": put(one, 800, status="INACTIVE"),
        "old but over": put(one, 700, expires_at=days_ago(1)),
        "old but removed": put(
            one, 600, removed_at=NOW, removed_by="max", removal_reason="Cleared"
        ),
    }


def listed(desk: Desk, blocks: dict[str, str], /, **given: object) -> list[str]:
    names = {number: name for name, number in blocks.items()}
    nodes = desk.ask(REVIEW, **given)["blocksToReview"]["nodes"]
    return [names[node["userBlock"]["id"]] for node in nodes]


def test_open_ended_and_old_blocks_in_force_are_listed_oldest_first(
    client: Desk, blocks: dict[str, str]
) -> None:
    assert listed(client, blocks) == ["old and open", "old", "young and open"]


def test_the_list_is_narrowed_by_age_description_and_to_open_ended_ones(
    client: Desk, blocks: dict[str, str]
) -> None:
    assert listed(client, blocks, days=364) == [
        "old and open",
        "old",
        "a year and a day short",
        "young and open",
    ]
    assert listed(client, blocks, open=True) == ["old and open", "young and open"]
    assert listed(client, blocks, open=True, days=4) == ["old and open"]
    assert listed(client, blocks, code="LOST_CARD") == ["old"]
    assert listed(client, blocks, code="NO_SUCH_CODE") == []


def test_each_row_tells_age_and_user(client: Desk, blocks: dict[str, str]) -> None:
    [first, *_] = client.ask(REVIEW, first=1)["blocksToReview"]["nodes"]
    assert (first["ageDays"], first["isOpenEnded"]) == (900, True)
    assert first["userBlock"] == {
        "id": blocks["old and open"],
        "isInForce": True,
        "description": {"code": "UNPAID"},
    }
    assert first["user"]["hasBlocks"] is True
    assert blocks["young"] in [block["id"] for block in first["user"]["blocks"]["nodes"]]
    assert blocks["old but removed"] not in str(first["user"])


def test_pages_follow_each_other(client: Desk, blocks: dict[str, str]) -> None:
    seen, after = [], None
    while True:
        page = client.ask(REVIEW, first=1, after=after)["blocksToReview"]
        seen += [node["userBlock"]["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [blocks[name] for name in ("old and open", "old", "young and open")]


@pytest.mark.parametrize("given", [{"days": -1}, {"days": 36_501}, {"code": "a\x00"}])
def test_a_wrong_filter_is_refused(client: Desk, given: dict[str, object]) -> None:
    answer = client.answer(REVIEW, **given)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert answer["errors"][0]["path"] == ["blocksToReview"]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIiwiYiJd"])
def test_a_cursor_that_is_none_of_ours_is_refused(client: Desk, cursor: str) -> None:
    assert client.error_codes(REVIEW, after=cursor) == ["INVALID_CURSOR"]


def test_a_stranger_and_a_patron_see_none_of_it(client: Desk, blocks: dict[str, str]) -> None:
    assert listed(client.as_(CARL), blocks) == []
    assert client.as_(PIA).error_codes(REVIEW) == ["NOT_PERMITTED"]
