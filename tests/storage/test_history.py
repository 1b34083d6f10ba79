"""The history in the database: appended, read in pages, erased through one narrow function."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from rules.history import Channel, HistoryEvent, HistoryRecordType
from storage import history
from tenancy.scopes import Pool, open_read_db, open_write_db
from tests.cast import ASHFORD, CEDAR, NOW, PIA, QUENTIN
from tests.database_server import Database


def _event(
    user_id: UUID | None, record_id: UUID, at: datetime = NOW, note: str = "A note"
) -> HistoryEvent:
    return HistoryEvent(
        id=uuid4(),
        at=at,
        actor="olive",
        channel=Channel.STAFF,
        deed="user_note.change",
        record_type=HistoryRecordType.USER_NOTE,
        record_id=record_id,
        user_id=user_id,
        before={"text": "Before", "is_popup": False},
        after={"text": note, "is_popup": False},
        is_erased=False,
        fields=("text",),
    )


def _record(pool: Pool, *events: HistoryEvent) -> None:
    with open_write_db(pool, ASHFORD) as db:
        history.record(db, events)


def _read(
    pool: Pool,
    record_type: HistoryRecordType,
    record_id: UUID,
    *,
    first: int = 10,
    after: tuple[str, ...] | None = None,
    institution_code: str = ASHFORD,
) -> tuple[list[HistoryEvent], tuple[str, ...], bool]:
    with open_read_db(pool, institution_code) as db:
        page = history.events_page(
            db, record_type=record_type, record_id=record_id, first=first, after=after
        )
    return list(page.items), page.keys[-1] if page.keys else (), page.has_more


def test_an_event_comes_back_as_it_was_recorded(app_pool: Pool, database: Database) -> None:
    event = _event(PIA.id, uuid4(), note="𝕬 note: 夜, ليل")
    _record(app_pool, event)
    assert _read(app_pool, HistoryRecordType.USER_NOTE, event.record_id)[0] == [event]
    fields = "SELECT fields FROM history_event WHERE id = %(id)s"
    assert database.value(fields, ASHFORD, id=event.id) == ["text"]


def test_pages_go_from_the_last_recorded_to_the_first_without_a_gap_whatever_the_clock_said(
    app_pool: Pool,
) -> None:
    record_id = uuid4()
    events = [_event(PIA.id, record_id, NOW - timedelta(seconds=n // 2)) for n in range(5)]
    _record(app_pool, *events)
    seen: list[HistoryEvent] = []
    after: tuple[str, ...] | None = None
    has_more = True
    while has_more:
        items, after, has_more = _read(
            app_pool, HistoryRecordType.USER_NOTE, record_id, first=2, after=after
        )
        assert len(items) <= 2
        seen += items
    assert seen == events[::-1]


def test_the_history_of_a_user_is_everything_about_that_user(app_pool: Pool) -> None:
    user = uuid4()
    about, elsewhere = _event(user, uuid4()), _event(QUENTIN.id, uuid4())
    _record(app_pool, about, elsewhere)
    assert _read(app_pool, HistoryRecordType.USER, user)[0] == [about]


def test_another_institution_reads_none_of_it(app_pool: Pool) -> None:
    event = _event(PIA.id, uuid4())
    _record(app_pool, event)
    found = _read(app_pool, HistoryRecordType.USER_NOTE, event.record_id, institution_code=CEDAR)
    assert found == ([], (), False)


def test_an_erasure_takes_the_values_and_leaves_the_events_and_a_record(
    app_pool: Pool, database: Database
) -> None:
    user, record_id = uuid4(), uuid4()
    event, other = _event(user, record_id), _event(QUENTIN.id, uuid4())
    _record(app_pool, event, other)
    with open_write_db(app_pool, ASHFORD) as db:
        assert history.erase_values(db, user, by="ursula", why="Asked to be forgotten") == 1
    (erased,), _, _ = _read(app_pool, HistoryRecordType.USER_NOTE, record_id)
    assert (erased.before, erased.after, erased.is_erased) == (None, None, True)
    assert (erased.deed, erased.actor, erased.at) == ("user_note.change", "olive", NOW)
    assert _read(app_pool, HistoryRecordType.USER_NOTE, other.record_id)[0] == [other]
    records = database.rows(
        "SELECT actor, reason, erased_values FROM history_erasure WHERE user_id = %(user)s",
        ASHFORD,
        user=user,
    )
    assert records == [("ursula", "Asked to be forgotten", 1)]


def test_the_eraser_reaches_no_other_institution(app_pool: Pool, database: Database) -> None:
    event = _event(PIA.id, uuid4())
    _record(app_pool, event)
    with open_write_db(app_pool, CEDAR) as db:
        assert history.erase_values(db, PIA.id, by="carl", why="Curious") == 0
    assert _read(app_pool, HistoryRecordType.USER_NOTE, event.record_id)[0] == [event]


def test_the_eraser_does_nothing_outside_an_institution(app_pool: Pool) -> None:
    with (
        app_pool.connection() as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError)),
    ):
        connection.execute("SELECT erase_history_values(%s, 'me', 'why')", [PIA.id])
