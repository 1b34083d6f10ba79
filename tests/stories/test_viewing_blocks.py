"""Viewing User Blocks, and Automatically Removed User Blocks: where blocks are seen, while they
stand and after the job has taken them away."""

from datetime import timedelta

from schema.ids import encoded
from tenancy.scopes import Pool
from tests.blocked import authorize, new_patron, put_block
from tests.cast import AUDREY, CARL, MAX, NOW
from tests.database_server import Database
from tests.desk import Desk
from tests.stories.desk_work import add_blocks, blocks_tab
from tests.stories.jobs import remove_expired_blocks

SEARCH = "query($n: String!) { users(name: $n) { nodes { primaryId hasBlocks } } }"
REMOVED = """
query($report: ID!) { jobReport(id: $report) { name status requestedBy examined removed failed }
  jobRemovedBlocks(jobReport: $report) { nodes {
    id description { text } removal { removedAt removedBy reason } } } }
"""


def test_a_search_marks_the_users_with_blocks(client: Desk, database: Database) -> None:
    """The list of users found has a mark in the row of each who has blocks."""
    blocked, free = new_patron(database, "UNPAID"), new_patron(database)
    manager = client.as_(MAX)
    rows = [manager.ask(SEARCH, n=p.last_name)["users"]["nodes"][0] for p in (blocked, free)]
    assert rows == [
        {"primaryId": blocked.primary_id, "hasBlocks": True},
        {"primaryId": free.primary_id, "hasBlocks": False},
    ]


def test_a_search_can_be_for_blocked_users_alone(client: Desk, database: Database) -> None:
    """Whoever goes through the blocked users has the others left out."""
    blocked, free = new_patron(database, "UNPAID"), new_patron(database)
    query = "{ users(hasBlocks: true, first: 100) { nodes { primaryId } } }"
    found = {row["primaryId"] for row in client.ask(query)["users"]["nodes"]}
    assert blocked.primary_id in found
    assert free.primary_id not in found


def test_the_details_show_every_block_with_its_effect_cause_and_creator(
    client: Desk, database: Database
) -> None:
    """Selecting the user, and the Blocks tab, shows each block: what it is, what it stops, where
    it came from, who made it and when."""
    patron = new_patron(database)
    add_blocks(client, patron, {"description": "LOST_CARD", "staffNote": "Phoned on Friday"})
    [block] = blocks_tab(client, patron)["blocks"]
    assert block == {
        "id": block["id"],
        "version": 1,
        "status": "ACTIVE",
        "isInForce": True,
        "expiresAt": None,
        "staffNote": "Phoned on Friday",
        "patronText": None,
        "createdBy": "olive",
        "createdAt": NOW.isoformat(),
        "origin": "STAFF",
        "stops": ["LOAN", "RENEW", "AUTO_RENEW", "HOLD"],
        "overridable": "CIRCDESC",
        "description": {"code": "LOST_CARD", "text": "Card reported lost"},
        "definition": {"rowId": "LOST_CARD"},
    }


def test_the_active_blocks_can_be_seen_by_themselves(client: Desk, database: Database) -> None:
    """The tab can be kept to what counts now: neither switched off nor expired."""
    patron = new_patron(database, "UNPAID")
    put_block(database, patron, "ADDRESS", status="INACTIVE")
    put_block(
        database,
        patron,
        "LOST_CARD",
        created_at=NOW - timedelta(days=9),
        expires_at=NOW - timedelta(days=2),
    )
    query = (
        "query($w: String!) { user(identifier: $w) { blocks(inForce: true) { nodes { "
        "description { code } } } } }"
    )
    shown = client.ask(query, w=patron.primary_id)["user"]["blocks"]["nodes"]
    assert shown == [{"description": {"code": "UNPAID"}}]
    assert len(blocks_tab(client, patron)["blocks"]) == 3


def test_an_attempted_loan_tells_of_the_block_too(client: Desk, database: Database) -> None:
    """The block is also met where it bites, when something is tried that it stops."""
    patron = new_patron(database, "ADDRESS")
    tried = authorize(client, patron)
    assert tried["decision"]["verdict"] == "BLOCKED"
    assert [reason["sentence"] for reason in tried["decision"]["reasons"]] == [
        "A block is in force: Address unknown. It stops loan."
    ]
    assert authorize(client, patron, "RENEW")["decision"]["verdict"] == "ALLOWED"


def test_the_report_of_the_job_lists_what_it_removed(
    client: Desk, database: Database, worker_pool: Pool
) -> None:
    """Blocks past their expiry are removed when Users - Remove Blocks runs; its report counts
    them, and behind the number each can be seen."""
    patron = new_patron(database)
    made, gone = NOW - timedelta(days=9), NOW - timedelta(days=2)
    expired = put_block(database, patron, "UNPAID", created_at=made, expires_at=gone)
    staying = put_block(database, patron, "ADDRESS", expires_at=NOW + timedelta(days=2))
    remove_expired_blocks(client, worker_pool, at=NOW - timedelta(days=3))
    report = remove_expired_blocks(client, worker_pool, at=NOW)
    answer = client.as_(AUDREY).ask(REMOVED, report=report)
    counted = answer["jobReport"]["removed"]
    assert answer["jobReport"] == {
        "name": "Users - Remove Blocks",
        "status": "COMPLETED",
        "requestedBy": "ada",
        "examined": counted,
        "removed": counted,
        "failed": 0,
    }
    rows = {row["id"]: row for row in answer["jobRemovedBlocks"]["nodes"]}
    assert len(rows) == counted
    assert rows[encoded("b", expired)] == {
        "id": encoded("b", expired),
        "description": {"text": "Unpaid fees"},
        "removal": {
            "removedAt": NOW.isoformat(),
            "removedBy": "Users - Remove Blocks",
            "reason": "The expiry date has passed.",
        },
    }
    assert encoded("b", staying) not in rows
    assert client.as_(CARL).ask(REMOVED, report=report) == {
        "jobReport": None,
        "jobRemovedBlocks": None,
    }
