"""A cursor that the service did not make is refused, wherever a list can be continued."""

from base64 import urlsafe_b64encode

import orjson
import pytest

from tests.cast import GRETA
from tests.desk import Desk

LISTS = (
    "users(first: 1, hasBlocks: true, after: $after) { nodes { id } }",
    "jobReports(first: 1, after: $after) { nodes { id } }",
    "overrideEvents(first: 1, after: $after) { nodes { id } }",
    "blocksToReview(first: 1, after: $after) { nodes { ageDays } }",
    "apiTokens(first: 1, after: $after) { nodes { id } }",
)

FORGED = (
    "",
    "nonsense",
    "é",
    urlsafe_b64encode(b"[]").decode(),
    urlsafe_b64encode(b'{"a": 1}').decode(),
    urlsafe_b64encode(b"[1, 2]").decode(),
    urlsafe_b64encode(b'["x", "y"]').decode(),
    urlsafe_b64encode(orjson.dumps(["2026-11-22T00:00:00Z", "not a number"])).decode(),
    urlsafe_b64encode(orjson.dumps(["a\x00", "b"])).decode(),
    urlsafe_b64encode(orjson.dumps(["z" * 2000, "b"])).decode(),
)


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("questions", LISTS, ids=lambda text: str(text).partition("(")[0])
def test_a_forged_cursor_is_refused(client: Desk, questions: str, forged: str) -> None:
    body = client.as_(GRETA).answer(f"query Q($after: String) {{ {questions} }}", after=forged)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INVALID_CURSOR"]
