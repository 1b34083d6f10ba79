"""Passes under contention: used once whoever comes at once, and never past a block that comes at
the same moment; and what is told to whoever counts unknown reasons."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest

from resolvers import gate_passes, user_blocks
from resolvers.gate_passes import Attempt
from resolvers.user_blocks import BlockDraft
from rules.actions import Action
from rules.gate import Reason, ReasonCode, Verdict
from storage.pools import open_pool
from tenancy.refusals import Conflict
from tenancy.scopes import Pool
from tests.blocked import HOUSE, ITEM, new_patron, passes_of
from tests.cast import ASHFORD, OLIVE, Person
from tests.database_server import Database
from tests.scopes import Scopes

AT_ONCE = 10


@pytest.fixture
def wide_pool(database: Database) -> Iterator[Pool]:
    """A connection for everyone who comes at once."""
    pool = open_pool(database.app_url, size=AT_ONCE, name="portcullis-test-wide")
    yield pool
    pool.close()


@pytest.fixture
def crowd(wide_pool: Pool) -> Scopes:
    return Scopes(wide_pool)


def loan(patron: Person) -> Attempt:
    return Attempt(user_id=patron.id, action=Action.LOAN, item_barcode=ITEM)


def issued(scopes: Scopes, patron: Person) -> UUID:
    with scopes.writing(OLIVE) as scope:
        made = gate_passes.authorize(scope, loan(patron), pass_minutes=5)
    assert made.issued is not None
    return made.issued.id


def use(scopes: Scopes, patron: Person, pass_id: UUID) -> str:
    """What becomes of using the pass, in a transaction of its own."""
    try:
        with scopes.writing(OLIVE) as scope:
            gate_passes.consume(scope, pass_id, loan(patron))
    except Conflict as refusal:
        return refusal.message
    return "used"


def test_of_ten_who_use_a_pass_at_once_one_succeeds(crowd: Scopes, database: Database) -> None:
    patron = new_patron(database)
    pass_id = issued(crowd, patron)
    start = threading.Barrier(AT_ONCE)

    def come(_: int) -> str:
        start.wait()
        return use(crowd, patron, pass_id)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = sorted(threads.map(come, range(AT_ONCE)))
    assert answers == [
        *(["This pass has been used already; ask for a new one."] * (AT_ONCE - 1)),
        "used",
    ]
    assert passes_of(database, patron) == [(True,)]


def test_a_block_that_is_being_added_is_waited_for_and_counts(
    crowd: Scopes, database: Database
) -> None:
    patron = new_patron(database)
    pass_id = issued(crowd, patron)
    with ThreadPoolExecutor(1) as threads:
        with crowd.writing(OLIVE) as scope:
            draft = BlockDraft(description_id=HOUSE.description_id("UNPAID"))
            user_blocks.add_blocks(scope, patron.id, [draft])
            answer = threads.submit(use, crowd, patron, pass_id)
            wait_for_the_lock(database, answer)
        assert answer.result() == (
            "The pass no longer holds; ask for a new one. A block is in force: Unpaid fees. "
            "It stops loan, renewal and automatic renewal."
        )
    assert passes_of(database, patron) == [(False,)]


def test_a_block_waits_for_the_pass_that_is_being_used(crowd: Scopes, database: Database) -> None:
    patron = new_patron(database)
    pass_id = issued(crowd, patron)

    def block() -> int:
        with crowd.writing(OLIVE) as scope:
            draft = BlockDraft(description_id=HOUSE.description_id("UNPAID"))
            return len(user_blocks.add_blocks(scope, patron.id, [draft]))

    with ThreadPoolExecutor(1) as threads:
        with crowd.writing(OLIVE) as scope:
            gate_passes.consume(scope, pass_id, loan(patron))
            added = threads.submit(block)
            wait_for_the_lock(database, added)
        assert added.result() == 1
    assert passes_of(database, patron) == [(True,)]


def test_a_use_that_is_undone_leaves_the_pass_unused(crowd: Scopes, database: Database) -> None:
    patron = new_patron(database)
    pass_id = issued(crowd, patron)

    def fail(step: Callable[[], object]) -> None:
        step()
        raise LookupError

    with pytest.raises(LookupError), crowd.writing(OLIVE) as scope:
        fail(lambda: gate_passes.consume(scope, pass_id, loan(patron)))
    assert passes_of(database, patron) == [(False,)]
    assert use(crowd, patron, pass_id) == "used"


def test_what_cannot_be_evaluated_stands_is_named_and_is_counted(
    fresh_database: Database,
) -> None:
    patron = new_patron(fresh_database)
    with fresh_database.owner(ASHFORD) as connection:
        connection.execute("UPDATE user_account SET expires_on = '2030-01-01'")
        connection.execute("UPDATE institution SET time_zone = 'Nowhere/Never'")
    counted: list[Reason] = []
    pool = open_pool(fresh_database.app_url, size=1, name="portcullis-test-unknown")
    with Scopes(pool).writing(OLIVE) as scope:
        told = replace(scope, count_unknown=counted.append)
        made = gate_passes.authorize(told, loan(patron), pass_minutes=5)
    pool.close()
    assert (made.issued, made.decision.verdict) == (None, Verdict.UNKNOWN)
    assert [(reason.code, reason.failed_check) for reason in counted] == [
        (ReasonCode.CHECK_UNKNOWN, ReasonCode.ACCOUNT_EXPIRED)
    ]
    assert made.decision.reasons[0].sentence == (
        "It could not be found out whether the account has expired, so the action is stopped."
    )


def wait_for_the_lock(database: Database, waiting: Future[int] | Future[str]) -> None:
    """Until the other one waits for a row that this one holds."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while not waiting.done():
        with database.owner(ASHFORD) as connection:
            row = connection.execute(query).fetchone()
        if row is not None and row[0]:
            return
