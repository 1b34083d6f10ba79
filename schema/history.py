"""The history as staff read it: what happened to a user, a block or a row of the tables, and how
things stood at a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
import strawberry

from resolvers import history
from resolvers.history import UserThen
from rules.actions import Action
from rules.gate import Decision
from rules.history import Channel, FieldChange, HistoryRecordType, field_changes
from rules.history import HistoryEvent as EventValue
from schema.context import Info
from schema.fields import argument, computed, field, question
from schema.gate import GateDecision
from schema.ids import PREFIXES, decoded, encoded, number_of
from schema.nodes import Connection, Node, connection, keys_of, page_size
from schema.user_blocks import UserBlock

RECORDS = {
    "User": HistoryRecordType.USER,
    "UserBlock": HistoryRecordType.USER_BLOCK,
    "AccountBlock": HistoryRecordType.ACCOUNT_BLOCK,
    "UserNote": HistoryRecordType.USER_NOTE,
    "BlockDescription": HistoryRecordType.BLOCK_DESCRIPTION,
    "BlockDefinition": HistoryRecordType.BLOCK_DEFINITION,
    "BlockedActionCode": HistoryRecordType.BLOCKED_ACTION_CODE,
    "BlockPreference": HistoryRecordType.BLOCK_PREFERENCE,
    "PermissionGrant": HistoryRecordType.PERMISSION_GRANT,
    "ApiToken": HistoryRecordType.API_TOKEN,
    "GatePass": HistoryRecordType.PASS,
    "OverrideEvent": HistoryRecordType.OVERRIDE_EVENT,
}
"""The types of records that have a history of their own."""

_PREFIX_OF = {record_type: PREFIXES[name] for name, record_type in RECORDS.items()}
_PREFIX_OF_FIELD = {
    "description_id": "d",
    "blocked_action_id": "a",
    "user_id": "u",
    "desk_id": "c",
    "library_id": "l",
    "user_group_id": "g",
    "pass_id": "p",
}


@strawberry.type(description="One field that a change touched, before and after it.")
class HistoryChange:
    field_name: str = field("The name of the field.", name="field")
    before: str | None = field("What stood there; null for nothing, and where it was erased.")
    after: str | None = field("What stood there then; null for nothing, and where it was erased.")

    @classmethod
    def of(cls, change: FieldChange) -> "HistoryChange":
        return cls(
            field_name=_camel(change.field),
            before=_in_words(change.field, change.before),
            after=_in_words(change.field, change.after),
        )


@strawberry.type(description="One change: who did what to which record, when, and by which way.")
class HistoryEvent(Node):
    at: datetime = field("When it happened.")
    actor: str = field("Who did it: a person's primary identifier, an API token, or a job.")
    channel: Channel = field("The way by which it came.")
    deed: str = field("What was done, as record and verb, such as user_block.add.")
    record_type: HistoryRecordType = field("The kind of record.")
    record: strawberry.ID | None = field("The record, which may be gone by now.")
    changes: list[HistoryChange] = field("The fields that changed, by name.")
    is_erased: bool = field("Whether the values were erased; that the change happened stays.")

    @classmethod
    def of(cls, value: EventValue) -> "HistoryEvent":
        prefix = _PREFIX_OF.get(value.record_type)
        return cls(
            id=encoded("h", value.id),
            at=value.at,
            actor=value.actor,
            channel=value.channel,
            deed=value.deed,
            record_type=value.record_type,
            record=None if prefix is None else encoded(prefix, value.record_id),
            changes=[HistoryChange.of(change) for change in _changes(value)],
            is_erased=value.is_erased,
        )


@strawberry.type(description="A user as things stood at a moment.")
class UserAsOf:
    decisions: strawberry.Private[Sequence[Decision]]
    at: datetime = field("The moment.")
    blocks: list[UserBlock] = field("The blocks on the record then, active or not, oldest first.")
    not_known: list[str] = field(
        "What cannot be known any more, a sentence each, since its values were erased; it stands "
        "against every action as UNKNOWN."
    )

    @computed("What the gate would have answered, with every reason.")
    def gate(
        self,
        actions: Annotated[list[Action] | None, argument("Only these; default: all.")] = None,
    ) -> list[GateDecision]:
        return [
            GateDecision.of(decision, False)
            for decision in self.decisions
            if actions is None or decision.action in actions
        ]

    @classmethod
    def of(cls, value: UserThen) -> "UserAsOf":
        return cls(
            decisions=value.decisions,
            at=value.at,
            blocks=[UserBlock.of(block, False) for block in value.blocks],
            not_known=list(value.lost),
        )


@strawberry.type
class HistoryQueries:
    @question(
        "What happened to a record, newest first. Of a user: everything about that user. Null "
        "where the institution has, and had, no such record."
    )
    def history(
        self,
        info: Info,
        of: Annotated[strawberry.ID, argument("A user, a block, or a row of the tables.")],
        first: Annotated[int, argument("How many, at most 100.")] = 25,
        after: Annotated[str | None, argument("The cursor to go on from.")] = None,
    ) -> Connection[HistoryEvent] | None:
        found = decoded(of)
        record_type = RECORDS.get(found[0]) if found is not None else None
        size, place = page_size(first), keys_of(after, UUID)
        if found is None or record_type is None:
            return None
        page = history.events_page(
            info.context.reading(), record_type, found[1], first=size, after=place
        )
        return None if page is None else connection(page, HistoryEvent.of)

    @question(
        "The blocks and the gate of a user as they stood at a moment of the past. Null where the "
        "user was not there."
    )
    def user_as_of(
        self,
        info: Info,
        user: Annotated[strawberry.ID, argument("The user.")],
        at: Annotated[datetime, argument("The moment, with its offset.")],
    ) -> UserAsOf | None:
        user_id = number_of(user, "User")
        scope = info.context.reading()
        then = history.user_as_of(scope, user_id or _NOBODY, at)
        return None if then is None else UserAsOf.of(then)


_NOBODY = UUID(int=0)
"""Nobody's number: an id that was never issued is asked for like any other."""


def _changes(event: EventValue) -> Sequence[FieldChange]:
    if event.is_erased:
        return [FieldChange(field=name, before=None, after=None) for name in event.fields]
    return field_changes(event.before, event.after)


def _in_words(name: str, value: object) -> str | None:
    """Text as it is, and what is not text as JSON; ids as clients know them."""
    if value is None:
        return None
    prefix = _PREFIX_OF_FIELD.get(name)
    if isinstance(value, str):
        return value if prefix is None else _as_id(prefix, value)
    return orjson.dumps(value).decode()


def _as_id(prefix: str, value: str) -> str:
    try:
        return encoded(prefix, UUID(value))
    except ValueError:
        return value


def _camel(name: str) -> str:
    told = name.removesuffix("_id") if name in _PREFIX_OF_FIELD else name
    first, *rest = told.split("_")
    return first + "".join(part.capitalize() for part in rest)
