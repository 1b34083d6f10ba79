"""Loads the demo network, once. Each institution is one transaction; what is there already is
left alone, so that a load that was cut short goes on where it stopped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from rules.history import HistoryEvent
from rules.users import UserGroup, UserNote
from service.demo_blocks import BlockLife, BlockMaker
from service.demo_history import account_block_event, block_events, note_event, user_event
from service.demo_network import DEMO_INSTITUTIONS, USER_GROUPS, DemoInstitution
from service.demo_people import PeopleMaker, Person, SeededIds
from service.demo_texts import USER_NOTES
from service.institution_setup import (
    MadeInstitution,
    institution_exists,
    make_institution,
    owner_db,
)
from storage import history, setup, user_blocks
from storage.handles import WriteDb

_BEFORE_EVERYTHING = timedelta(days=2100)


def load_demo(
    owner_url: str, *, now: datetime | None = None, say: Callable[[str], None] | None = None
) -> bool:
    """Load what is missing of the demo network; False if nothing was. For the same `now` (the
    present, if none is given) the same rows come out: instants derive from it, and all else
    from a fixed seed."""
    start = now or datetime.now(UTC)
    loaded = [_load(owner_url, demo, start, say) for demo in DEMO_INSTITUTIONS]
    return any(loaded)


def _load(
    owner_url: str, demo: DemoInstitution, now: datetime, say: Callable[[str], None] | None
) -> bool:
    with owner_db(owner_url, demo.plan.code) as db:
        if institution_exists(db):
            return False
        people, lives = _fill(db, demo, now)
    if say is not None:
        say(f"Loaded {demo.plan.name}: {people} users, {lives} blocks.")
    return True


def _fill(db: WriteDb, demo: DemoInstitution, now: datetime) -> tuple[int, int]:
    ids = SeededIds(Random(f"rows of {demo.plan.code}"))  # noqa: S311  not a secret
    start = now - _BEFORE_EVERYTHING
    made = make_institution(db, demo.plan, new_id=lambda: ids.at(start))
    groups = [UserGroup(id=ids.at(start), code=code, name=name) for code, name in USER_GROUPS]
    setup.insert_user_groups(db, groups)
    people = list(PeopleMaker(demo, groups, now=now).people())
    _insert_people(db, people, made, ids=ids, now=now)
    maker = BlockMaker(made, now=now)
    lives = list(maker.lives(people))
    _insert_lives(db, lives)
    account_blocks = maker.account_blocks(people)
    setup.insert_account_blocks(db, account_blocks)
    notes = list(_notes(people, ids, now=now))
    setup.insert_notes(db, notes)
    events = [user_event(person, ids) for person in people]
    events += [event for life in lives for event in block_events(life, ids)]
    events += [account_block_event(block, ids) for block in account_blocks]
    events += [note_event(user_id, note, ids) for user_id, note in notes]
    _record(db, events)
    return len(people), len(lives)


def _insert_people(
    db: WriteDb, people: Sequence[Person], made: MadeInstitution, *, ids: SeededIds, now: datetime
) -> None:
    setup.insert_users(db, [(person.user, person.created_at) for person in people])
    setup.insert_identifiers(
        db,
        [
            (ids.at(person.created_at), person.user.id, identifier)
            for person in people
            for identifier in person.identifiers
        ],
    )
    library_ids = {library.code: library.id for library in made.libraries}
    setup.insert_roles(db, _roles(people, library_ids, ids=ids, now=now))


def _roles(
    people: Iterable[Person], library_ids: dict[str, UUID], *, ids: SeededIds, now: datetime
) -> Iterator[setup.HeldRole]:
    for person in people:
        member = person.staff
        if member is None:
            continue
        ended = member.expired_days_ago
        yield setup.HeldRole(
            id=ids.at(person.created_at),
            user_id=person.user.id,
            role=member.role,
            library_id=library_ids[member.library_code] if member.library_code else None,
            expires_at=None if ended is None else now - timedelta(days=ended),
        )


def _insert_lives(db: WriteDb, lives: Sequence[BlockLife]) -> None:
    user_blocks.insert_blocks(db, [life.made for life in lives])
    for life in lives:
        for change in life.changes:
            seen = change.after.version - 1
            if not user_blocks.store_change(db, replace(change.after, version=seen)):
                message = "A block of the demo network changed while it was loaded."
                raise RuntimeError(message)


def _notes(
    people: Sequence[Person], ids: SeededIds, *, now: datetime
) -> Iterator[tuple[UUID, UserNote]]:
    """A note for every twelfth patron; notes remind, and block nothing."""
    patrons = [person for person in people if person.staff is None]
    for number, person in enumerate(patrons[::12]):
        text, is_patron_visible, is_popup = USER_NOTES[number % len(USER_NOTES)]
        written_at = max(person.created_at, now - timedelta(days=7 * (number + 1)))
        note = UserNote(
            id=ids.at(written_at),
            text=text,
            is_patron_visible=is_patron_visible,
            is_popup=is_popup,
            created_by="olive.operator",
            created_at=written_at,
            version=1,
        )
        yield person.user.id, note


def _record(db: WriteDb, events: Sequence[HistoryEvent]) -> None:
    history.record(db, sorted(events, key=lambda event: (event.at, event.id)))
