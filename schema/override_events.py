"""Override events as managers read them: who overrode what for whom, where, when and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from resolvers import override_events
from rules.actions import Action
from rules.block_tables import BlockType, Overridable
from rules.gate import ReasonCode
from rules.override_events import EventReason, OverrideEventFilter, OverrideOutcome
from rules.override_events import OverrideEvent as EventValue
from rules.overrides import OverrideRefusal
from rules.roles import Role
from rules.text import TextProblem, clean
from rules.user_drafts import IDENTIFIER_LIMIT
from rules.user_records import UserRecord
from schema.circulation_desks import CirculationDesk
from schema.context import Info
from schema.fields import argument, computed, field, question
from schema.ids import encoded, number_of
from schema.masking import PublicError
from schema.needs import parts_needed
from schema.nodes import Connection, Node, connection, keys_of, page_size
from schema.users import User

NOBODY = UUID(int=0)
"""The number that no record has, for a filter by an id that was never one of ours."""


@strawberry.type(description="A reason as it stood at the try to override it.")
class OverrideEventReason:
    code: ReasonCode = field("The code of the reason.")
    version: int = field("The version of the block or account that it rests on.")
    description_code: str | None = field("The code of the block description, for a block.")
    description: str | None = field("The text of the block description, for a block.")
    block_type: BlockType | None = field("The type of the block, for a block.")
    overridable: Overridable = field("Who might override it at the time.")
    sentence: str = field("The reason in a sentence.")
    is_in_the_way: bool = field("Whether the override was refused because of it.")

    @classmethod
    def of(cls, value: EventReason) -> "OverrideEventReason":
        return cls(
            code=value.code,
            version=value.version,
            description_code=value.description_code,
            description=value.description,
            block_type=value.block_type,
            overridable=value.overridable,
            sentence=value.sentence,
            is_in_the_way=value.is_in_the_way,
        )


@strawberry.type(description="One try to override what stood against an action.")
class OverrideEvent(Node):
    find_user: strawberry.Private[Callable[[], User | None]]
    at: datetime = field("When.")
    outcome: OverrideOutcome = field("What came of it.")
    refusal: OverrideRefusal | None = field("Why it was refused; null where it was granted.")
    operator: str = field("Who tried.")
    roles: list[Role] = field(
        "The roles that allowed it or, where it was refused, that counted at the desk."
    )
    library_name: str | None = field("The library of the desk.")
    desk: CirculationDesk | None = field("The desk; null away from one.")
    action: Action = field("Which action.")
    item_barcode: str | None = field("Which item; null for a request that named none.")
    reasons: list[OverrideEventReason] = field("Every reason that stood against the action.")
    why: str = field("Why, in the operator's words.")

    @computed("For whom; null where the account is gone.")
    def user(self) -> User | None:
        return self.find_user()

    @classmethod
    def of(cls, value: EventValue, find_user: Callable[[], User | None]) -> "OverrideEvent":
        return cls(
            id=encoded("o", value.id),
            find_user=find_user,
            at=value.at,
            outcome=value.outcome,
            refusal=value.refusal,
            operator=value.operator,
            roles=list(value.roles),
            library_name=value.library_name,
            desk=None if value.desk is None else CirculationDesk.of(value.desk),
            action=value.action,
            item_barcode=value.item_barcode,
            reasons=[OverrideEventReason.of(reason) for reason in value.reasons],
            why=value.why,
        )


@strawberry.input(description="Which override events; what is left out admits all.")
class OverrideEventFilterInput:
    from_: datetime | None = field("Not before this instant.", name="from", default=None)
    to: datetime | None = field("Before this instant.", default=None)
    operator: str | None = field("Of this operator, as the events name them.", default=None)
    desk: strawberry.ID | None = field("At this circulation desk.", default=None)
    user: strawberry.ID | None = field("For this user.", default=None)
    action: Action | None = field("For this action.", default=None)
    outcome: OverrideOutcome | None = field("With this outcome.", default=None)


@strawberry.type
class OverrideEventQueries:
    @question("The tries to override, granted and refused, newest first.")
    def override_events(
        self,
        info: Info,
        filter: Annotated[
            OverrideEventFilterInput | None, argument("Only these; default: all.")
        ] = None,
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[OverrideEvent]:
        scope = info.context.reading()
        page = override_events.events_page(
            scope,
            filter_of(filter or OverrideEventFilterInput()),
            first=page_size(first),
            after=keys_of(after, datetime.fromisoformat, UUID),
        )
        users = _UsersOfPage(info, page.items)
        return connection(page, users.event)


def filter_of(given: OverrideEventFilterInput) -> OverrideEventFilter:
    """The filter in the words of the rules; an instant without an offset is refused."""
    for name, instant in (("from", given.from_), ("to", given.to)):
        if instant is not None and instant.tzinfo is None:
            raise PublicError("INVALID_INPUT", f"`{name}` needs a time zone or offset.")
    return OverrideEventFilter(
        since=given.from_,
        until=given.to,
        operator=_operator(given.operator),
        desk_id=_number(given.desk, "CirculationDesk"),
        user_id=_number(given.user, "User"),
        action=given.action,
        outcome=given.outcome,
    )


class _UsersOfPage:
    """The users of a page, read together in one statement when the first is asked for."""

    def __init__(self, info: Info, events: Sequence[EventValue]) -> None:
        self._info = info
        self._events = events
        self._found: Mapping[UUID, UserRecord] | None = None

    def event(self, value: EventValue) -> OverrideEvent:
        return OverrideEvent.of(value, lambda: self._user(value.user_id))

    def _user(self, user_id: UUID) -> User | None:
        if self._found is None:
            scope = self._info.context.reading()
            parts = parts_needed(self._info)
            self._found = override_events.users_of(scope, self._events, parts)
        record = self._found.get(user_id)
        return None if record is None else User.of(record, self._info)


def _operator(name: str | None) -> str | None:
    cleaned = None if name is None else clean(name, limit=IDENTIFIER_LIMIT)
    if isinstance(cleaned, TextProblem):
        raise PublicError("INVALID_INPUT", f"`operator`: {cleaned.sentence}")
    return cleaned


def _number(text: str | None, type_name: str) -> UUID | None:
    """What was never an id finds nothing, as another institution's does."""
    return None if text is None else number_of(text, type_name) or NOBODY
