"""Override events as managers list and export them."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.override_events import OverrideEvent, OverrideEventFilter
from rules.pages import Page
from rules.user_records import UserRecord
from rules.users import UserPart
from storage import institutions, override_events, users
from tenancy.scopes import InstitutionScope

EXPORT_PAGE = 1000


def events_page(
    scope: InstitutionScope,
    asked: OverrideEventFilter,
    *,
    first: int,
    after: tuple[str, ...] | None,
) -> Page[OverrideEvent]:
    """A page of the events that the filter admits, newest first."""
    return override_events.events_page(scope.db, asked, first=first, after=after)


def event_by_id(scope: InstitutionScope, event_id: UUID) -> OverrideEvent | None:
    """The event of an id, or None."""
    return override_events.event_by_id(scope.db, event_id)


def all_events(scope: InstitutionScope, asked: OverrideEventFilter) -> Iterator[OverrideEvent]:
    """Every event that the filter admits, newest first, read page by page."""
    after: tuple[str, ...] | None = None
    while True:
        page = override_events.events_page(scope.db, asked, first=EXPORT_PAGE, after=after)
        yield from page.items
        if not page.has_more:
            return
        after = page.keys[-1]


def users_of(
    scope: InstitutionScope, events: Sequence[OverrideEvent], parts: frozenset[UserPart]
) -> Mapping[UUID, UserRecord]:
    """The users of a page of events, in one statement; those who are gone are left out."""
    return users.users_by_ids(scope.db, sorted({event.user_id for event in events}), parts)


def local_zone(scope: InstitutionScope) -> ZoneInfo:
    """The time zone in which the institution reads its events."""
    return ZoneInfo(institutions.time_zone(scope.db))
