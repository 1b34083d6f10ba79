"""Loads the demo network, once. Each institution is one transaction; what is there already is
left alone, so that a load that was cut short goes on where it stopped."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from rules.history import HistoryEvent
from rules.roles import RoleGrant
from rules.users import UserGroup, UserNote
from service.demo_blocks import BlockLife, BlockMaker
from service.demo_history import (
    account_block_event,
    block_events,
    note_event,
    role_event,
    user_event,
)
from service.demo_network import DEMO_INSTITUTIONS, USER_GROUPS, DemoInstitution, DemoStaff
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
    made = make_institution(db, demo.plan, now=start, new_id=lambda: ids.at(start))
    groups = [UserGroup(id=ids.at(start), code=code, name=name) for code, name in USER_GROUPS]
    setup.insert_user_groups(db, groups)
    people = list(PeopleMaker(demo, groups, now=now).people())
    events = [*_load_people(db, people, ids), *_load_roles(db, people, made, ids=ids, now=now)]
    maker = BlockMaker(made, now=now)
    lives = list(maker.lives(people))
    _insert_lives(db, lives)
    events += [event for life in lives for event in block_events(life, ids)]
    account_blocks = maker.account_blocks(people)
    setup.insert_account_blocks(db, account_blocks)
    events += [account_block_event(block, ids) for block in account_blocks]
    events += _load_notes(db, people, ids, now=now)
    history.record(db, sorted(events, key=lambda event: (event.at, event.id)))
    return len(people), len(lives)


def _load_people(db: WriteDb, people: Sequence[Person], ids: SeededIds) -> list[HistoryEvent]:
    setup.insert_users(db, [(person.user, person.created_at) for person in people])
    identifiers = [
        (ids.at(person.created_at), person.user.id, identifier)
        for person in people
        for identifier in person.identifiers
    ]
    setup.insert_identifiers(db, identifiers)
    return [user_event(person, ids) for person in people]


def _load_roles(
    db: WriteDb, people: Iterable[Person], made: MadeInstitution, *, ids: SeededIds, now: datetime
) -> list[HistoryEvent]:
    library_ids = {library.code: library.id for library in made.libraries}
    roles, events = [], []
    for person in people:
        if person.staff is not None:
            grant = _grant(person.staff, now)
            held = setup.HeldRole(
                id=ids.at(person.created_at),
                user_id=person.user.id,
                role=grant.role,
                library_id=library_ids[grant.library_code] if grant.library_code else None,
                expires_at=grant.expires_at,
            )
            roles.append(held)
            events.append(role_event(person, held.id, grant, ids=ids))
    setup.insert_roles(db, roles)
    return events


def _grant(member: DemoStaff, now: datetime) -> RoleGrant:
    ended = member.expired_days_ago
    return RoleGrant(
        role=member.role,
        library_code=member.library_code,
        expires_at=None if ended is None else now - timedelta(days=ended),
    )


def _load_notes(
    db: WriteDb, people: Sequence[Person], ids: SeededIds, *, now: datetime
) -> list[HistoryEvent]:
    notes = list(_notes(people, ids, now=now))
    setup.insert_notes(db, notes)
    return [note_event(user_id, note, ids) for user_id, note in notes]


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
