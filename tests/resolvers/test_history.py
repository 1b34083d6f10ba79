"""What stood at a moment, against what the same questions answered at that moment; and erasure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolvers import history
from resolvers.account_blocks import add_account_block, lift_account_block
from resolvers.block_definitions import DefinitionChanges, change_definition
from resolvers.block_removal import remove_expired_batch
from resolvers.blocked_action_codes import change_action_code
from resolvers.gate import decisions_of
from resolvers.job_reports import claim, finish, request_job
from resolvers.user_block_changes import (
    BlockChange,
    change_block,
    remove_block,
    restore_block,
    set_status,
)
from resolvers.user_blocks import BlockDraft, add_blocks
from resolvers.users import user_by_id
from rules.actions import Action
from rules.block_tables import Overridable
from rules.gate import Decision, ReasonCode, Verdict
from rules.given import Given
from rules.history import HistoryRecordType
from rules.job_reports import JobKind
from rules.user_blocks import BlockStatus, UserBlock
from rules.users import UserPart
from tenancy.refusals import InvalidInput, NotFound, Refusal
from tenancy.scopes import WritingScope
from tests.blocked import HOUSE, new_patron, put_block
from tests.cast import ASHFORD, CARL, NOW, OLIVE, Person
from tests.database_server import Database
from tests.scopes import Scopes

PARTS = frozenset({UserPart.BLOCKS, UserPart.ACCOUNT_BLOCK, UserPart.PREFERENCES})
HOUR = timedelta(hours=1)
KINDS = ("UNPAID", "CONDUCT", "ADDRESS")
_lives = count(1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the desk saw of a patron."""

    blocks: tuple[UserBlock, ...]
    decisions: tuple[Decision, ...]


@dataclass(slots=True)
class Life:
    """A patron to whom things happen, one an hour, and what was seen after each."""

    scopes: Scopes
    patron: Person
    now: datetime
    blocks: list[UUID] = field(default_factory=list)
    seen: dict[datetime, Seen] = field(default_factory=dict)

    def live(self, deeds: list[tuple[str, int]]) -> None:
        self.look(self.now)
        for deed, number in deeds:
            self.now += HOUR
            self.try_to(deed, number)
            self.look(self.now)
            self.look(self.now + HOUR / 2)

    def look(self, at: datetime) -> None:
        with self.scopes.reading(OLIVE, at) as scope:
            record = user_by_id(scope, self.patron.id, PARTS)
            assert record is not None
            self.seen[at] = Seen(tuple(record.blocks or ()), tuple(decisions_of(scope, record)))

    def look_back(self, at: datetime) -> Seen:
        with self.scopes.reading(OLIVE, self.now + HOUR) as scope:
            then = history.user_as_of(scope, self.patron.id, at)
            assert then is not None
            assert then.lost == ()
            return Seen(then.blocks, then.decisions)

    def try_to(self, deed: str, number: int) -> None:
        try:
            with self.scopes.writing(OLIVE, self.now) as scope:
                DEEDS[deed](self, scope, number)
        except Refusal:
            pass

    def block(self, number: int) -> UUID:
        return self.blocks[number % len(self.blocks)] if self.blocks else UUID(int=1)


def _add(life: Life, scope: WritingScope, number: int) -> None:
    ends = life.now + timedelta(minutes=90) if number % 2 else None
    draft = BlockDraft(description_id=HOUSE.description_id(KINDS[number % 3]), expires_at=ends)
    life.blocks += [block.id for block in add_blocks(scope, life.patron.id, [draft])]


def _change(life: Life, scope: WritingScope, number: int) -> None:
    change_block(scope, life.block(number), BlockChange(staff_note=Given(f"Note {number}")))


def _toggle(life: Life, scope: WritingScope, number: int) -> None:
    status = BlockStatus.ACTIVE if number % 2 else BlockStatus.INACTIVE
    set_status(scope, life.block(number // 2), status)


def _remove(life: Life, scope: WritingScope, number: int) -> None:
    remove_block(scope, life.block(number), "Paid")


def _restore(life: Life, scope: WritingScope, number: int) -> None:
    restore_block(scope, life.block(number))


def _hard_block(life: Life, scope: WritingScope, number: int) -> None:
    if number % 2:
        add_account_block(scope, life.patron.id, "Shouted at staff")
    else:
        lift_account_block(scope, life.patron.id)


def _job(life: Life, scope: WritingScope, number: int) -> None:
    hold = claim(scope, request_job(scope, JobKind.REMOVE_BLOCKS).id)
    assert hold is not None
    remove_expired_batch(scope, hold, size=1000)
    finish(scope, hold)


def _change_table(life: Life, scope: WritingScope, number: int) -> None:
    changes = DefinitionChanges(overridable=list(Overridable)[number % 4])
    change_definition(scope, HOUSE.definition_id("UNPAID"), changes)


def _change_code(life: Life, scope: WritingScope, number: int) -> None:
    actions = frozenset(list(Action)[: 1 + number % 4])
    change_action_code(scope, HOUSE.code_id("01"), actions=actions)


DEEDS: dict[str, Callable[[Life, WritingScope, int], None]] = {
    "add": _add,
    "change": _change,
    "toggle": _toggle,
    "remove": _remove,
    "restore": _restore,
    "hard block": _hard_block,
    "job": _job,
    "change table": _change_table,
    "change code": _change_code,
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    deeds=st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 7)), max_size=10).map(
        lambda deeds: [("add", 0), ("add", 1), *deeds]
    )
)
def test_what_is_told_of_a_moment_is_what_was_seen_at_that_moment(
    scopes: Scopes, database: Database, deeds: list[tuple[str, int]]
) -> None:
    patron = new_patron(database)
    # Each life in a time of its own: the block tables are one for all.
    life = Life(scopes, patron, NOW + next(_lives) * timedelta(days=30))
    life.live(deeds)
    for at, seen in life.seen.items():
        assert life.look_back(at) == seen, at


def test_a_block_without_any_event_counts_as_it_is_from_its_making_on(
    scopes: Scopes, database: Database
) -> None:
    patron = new_patron(database)
    block_id = put_block(database, patron, "UNPAID", created_at=NOW - 5 * HOUR)
    with scopes.reading(OLIVE) as scope:
        before = history.user_as_of(scope, patron.id, NOW - 6 * HOUR)
        after = history.user_as_of(scope, patron.id, NOW - 4 * HOUR)
    assert before is not None and before.blocks == ()
    assert after is not None and [block.id for block in after.blocks] == [block_id]


def test_a_user_was_not_there_before_the_account_was_made(
    scopes: Scopes, database: Database
) -> None:
    patron = new_patron(database)
    with scopes.reading(OLIVE) as scope:
        assert history.user_as_of(scope, patron.id, NOW.replace(year=2020)) is None


def test_the_future_cannot_be_asked_for(scopes: Scopes, database: Database) -> None:
    patron = new_patron(database)
    with scopes.reading(OLIVE) as scope:
        history.user_as_of(scope, patron.id, NOW)
        with pytest.raises(InvalidInput, match="has not come yet"):
            history.user_as_of(scope, patron.id, NOW + timedelta(seconds=1))
        with pytest.raises(InvalidInput, match="needs a time zone"):
            history.user_as_of(scope, patron.id, NOW.replace(tzinfo=None))


def _blocked_life(scopes: Scopes, database: Database) -> Life:
    """Blocked an hour, then the block changed, then removed."""
    life = Life(scopes, new_patron(database), NOW - 10 * HOUR)
    for deed in ("add", "change", "remove"):
        life.now += HOUR
        with scopes.writing(OLIVE, life.now) as scope:
            DEEDS[deed](life, scope, 0)
    return life


def _erase(scopes: Scopes, life: Life) -> int:
    with scopes.writing(OLIVE) as scope:
        return history.erase_values(scope, life.patron.id, why="Asked for by the patron")


def test_what_was_erased_is_unknown_and_not_guessed(scopes: Scopes, database: Database) -> None:
    life = _blocked_life(scopes, database)
    _erase(scopes, life)
    with scopes.reading(OLIVE) as scope:
        then = history.user_as_of(scope, life.patron.id, NOW - 9 * HOUR)
        now = history.user_as_of(scope, life.patron.id, NOW)
    assert then is not None
    assert then.blocks == ()
    assert then.lost == ("It is not known any more what a block whose history was erased stopped.",)
    assert {decision.verdict for decision in then.decisions} == {Verdict.UNKNOWN}
    reason = then.decisions[0].reasons[0]
    assert (reason.code, reason.failed_check) == (ReasonCode.CHECK_UNKNOWN, ReasonCode.USER_BLOCK)
    # That the block was removed is still written down.
    assert now is not None and now.lost == ()
    assert {decision.verdict for decision in now.decisions} == {Verdict.ALLOWED}


def test_erasing_leaves_the_events_and_a_record_of_the_erasure(
    scopes: Scopes, database: Database
) -> None:
    life, other = _blocked_life(scopes, database), _blocked_life(scopes, database)
    assert _erase(scopes, life) == 3
    with scopes.reading(OLIVE) as scope:
        page = history.events_page(
            scope, HistoryRecordType.USER, life.patron.id, first=10, after=None
        )
        untouched = history.events_page(
            scope, HistoryRecordType.USER, other.patron.id, first=10, after=None
        )
    assert page is not None and untouched is not None
    assert [(event.deed, event.is_erased, event.after) for event in page.items] == [
        ("user_block.remove", True, None),
        ("user_block.change", True, None),
        ("user_block.add", True, None),
    ]
    assert page.items[1].fields == ("staff_note", "version")
    assert not any(event.is_erased for event in untouched.items)
    records = database.rows(
        "SELECT actor, reason, erased_values FROM history_erasure WHERE user_id = %(user)s",
        ASHFORD,
        user=life.patron.id,
    )
    assert records == [("olive", "Asked for by the patron", 3)]


def test_another_institution_erases_nothing(scopes: Scopes, database: Database) -> None:
    life = _blocked_life(scopes, database)
    with pytest.raises(NotFound), scopes.writing(CARL) as scope:
        history.erase_values(scope, life.patron.id, why="Curious")
    with scopes.writing(CARL) as scope:
        value = scope.db.connection_in_transaction().execute(
            "SELECT erase_history_values(%s, 'carl', 'Curious')", [life.patron.id]
        )
        assert value.fetchone() == (0,)
    with scopes.reading(OLIVE) as scope:
        page = history.events_page(
            scope, HistoryRecordType.USER, life.patron.id, first=10, after=None
        )
    assert page is not None
    assert [event.is_erased for event in page.items] == [False, False, False]


def test_erasing_needs_a_reason(scopes: Scopes, database: Database) -> None:
    life = _blocked_life(scopes, database)
    with pytest.raises(InvalidInput, match="Give a reason"), scopes.writing(OLIVE) as scope:
        history.erase_values(scope, life.patron.id, why="  ")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM history_event",
        "DELETE FROM history_value",
        "UPDATE history_event SET actor = 'nobody'",
        "UPDATE history_value SET after = NULL",
        "TRUNCATE history_value",
        "INSERT INTO history_erasure (institution_code, id, at, user_id, actor, reason,"
        " erased_values) VALUES ('ASHFORD', uuid_v7(), now(), uuid_v7(), 'x', 'x', 0)",
    ],
)
def test_the_app_cannot_change_or_delete_history_otherwise(
    scopes: Scopes, database: Database, statement: str
) -> None:
    _blocked_life(scopes, database)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        scopes.writing(OLIVE) as scope,
    ):
        scope.db.connection_in_transaction().execute(statement.encode())
