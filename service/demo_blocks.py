"""Blocks of the demo network: every kind there is, each with the life it had until now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from zoneinfo import ZoneInfo

from rules.block_tables import CONSORTIA, OVERDUE, BlockDefinition, BlockDescription
from rules.local_time import end_of_day, local_day
from rules.user_blocks import (
    AccountBlock,
    BlockOrigin,
    BlockStatus,
    Removal,
    Segment,
    UserBlock,
)
from service.demo_network import OLD_SYSTEM, PIA, QUENTIN
from service.demo_people import Person, SeededIds
from service.demo_texts import (
    COMMENTS,
    PATRON_TEXTS,
    REMOVAL_REASONS,
    STAFF_NOTES,
)
from service.institution_setup import MadeInstitution

OVERDUE_JOB = "Loans - Overdue And Lost Item"
DEMERIT_JOB = "Users - Demerits"
_STAFF = ("olive.operator", "max.manager", "otto.operator", "umar.useradmin")


class Fate(Enum):
    """What has become of a block."""

    OPEN_ENDED = "OPEN_ENDED"
    LASTING = "LASTING"
    ENDING_SOON = "ENDING_SOON"
    EXPIRED_NOT_SWEPT = "EXPIRED_NOT_SWEPT"
    SWITCHED_OFF = "SWITCHED_OFF"
    OLD = "OLD"
    REMOVED = "REMOVED"


_WEIGHTS = {
    Fate.OPEN_ENDED: 22,
    Fate.LASTING: 34,
    Fate.ENDING_SOON: 10,
    Fate.EXPIRED_NOT_SWEPT: 8,
    Fate.SWITCHED_OFF: 10,
    Fate.OLD: 9,
    Fate.REMOVED: 7,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A later state of a block, and how it came about."""

    at: datetime
    actor: str
    deed: str
    after: UserBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLife:
    """A block as it was made, and what happened to it since."""

    made: UserBlock
    changes: tuple[Change, ...] = ()


class BlockMaker:
    """Makes the blocks of one institution, always the same ones."""

    def __init__(self, made: MadeInstitution, *, now: datetime) -> None:
        self._now = now
        self._zone = ZoneInfo(made.institution.time_zone)
        self._random = Random(f"blocks of {made.institution.code}")  # noqa: S311  not a secret
        self._ids = SeededIds(self._random)
        self._descriptions: Mapping[str, BlockDescription] = {
            row.code: row for row in made.descriptions
        }
        self._definitions: Mapping[str, BlockDefinition] = {
            row.description.code: row for row in made.definitions
        }
        self._choices: Sequence[str] = [
            row.code for row in made.descriptions if row.is_enabled and row.code != CONSORTIA
        ] + ["UNPAID", OVERDUE, OVERDUE]

    def lives(self, people: Sequence[Person]) -> Iterator[BlockLife]:
        """The blocks of everybody; about a third of the patrons have some."""
        for person in people:
            if person.user.primary_id == PIA.primary_id:
                yield from self._blocks_of_pia(person)
            elif person.staff is None and person.user.primary_id != QUENTIN.primary_id:
                yield from self._blocks_of(person)

    def account_blocks(self, people: Sequence[Person]) -> list[AccountBlock]:
        """The hard blocks: a few patrons, some with other blocks besides."""
        patrons = [p for p in people if p.staff is None]
        chosen = self._random.sample(patrons[len(patrons) // 2 :], len(COMMENTS))
        return [
            self._account_block(person, comment)
            for person, comment in zip(chosen, COMMENTS, strict=True)
        ]

    def _blocks_of_pia(self, person: Person) -> Iterator[BlockLife]:
        """Two blocks in force: an operator may override the first, only a manager the second."""
        unpaid = self._block(
            person,
            "UNPAID",
            age=timedelta(days=12),
            by="olive.operator",
            staff_note="Promised to pay at the end of the month.",
            patron_text="You owe 12.40 for a damaged book. Pay online or at the desk.",
        )
        general = self._block(
            person,
            "GENERAL",
            age=timedelta(days=3),
            by="max.manager",
            expires_at=self._end_of_day_in(45),
            staff_note="Left three study rooms without returning the keys.",
        )
        card = self._block(person, "LOST_CARD", age=timedelta(days=90), by="olive.operator")
        yield BlockLife(made=unpaid)
        yield BlockLife(made=general)
        yield self._removed(card, timedelta(days=80), "max.manager", "A new card was issued.")

    def _blocks_of(self, person: Person) -> Iterator[BlockLife]:
        rolled = self._random.random()
        count = 0 if rolled < 0.66 else 1 if rolled < 0.86 else 2 if rolled < 0.95 else 4
        fates = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=count)
        for fate in fates:
            yield self._life(person, fate)
        if self._random.random() < 0.02:
            yield BlockLife(made=self._taken_over(person))

    def _life(self, person: Person, fate: Fate) -> BlockLife:
        code = self._random.choice(self._choices)
        days = self._random.randint(420, 1500) if fate is Fate.OLD else self._random.randint(8, 200)
        age = timedelta(days=days, minutes=self._random.randint(0, 1439))
        age = min(age, self._now - person.created_at - timedelta(days=1))
        block = self._block(
            person,
            code,
            age=age,
            by=_maker_of(code) or self._random.choice(_STAFF),
            expires_at=self._expiry(fate),
            staff_note=self._maybe(STAFF_NOTES, 0.7),
            patron_text=self._maybe(PATRON_TEXTS, 0.4),
        )
        if fate is Fate.SWITCHED_OFF:
            return self._switched_off(block, age / 2)
        if fate is Fate.REMOVED:
            reason = self._random.choice(REMOVAL_REASONS)
            return self._removed(block, age / 3, "max.manager", reason)
        return BlockLife(made=block)

    def _expiry(self, fate: Fate) -> datetime | None:
        if fate is Fate.LASTING:
            return self._end_of_day_in(self._random.randint(8, 360))
        if fate is Fate.ENDING_SOON:
            return self._end_of_day_in(self._random.randint(0, 6))
        if fate is Fate.EXPIRED_NOT_SWEPT:
            return self._now - timedelta(minutes=self._random.randint(1, 5 * 1440))
        return None

    def _end_of_day_in(self, days: int) -> datetime:
        return end_of_day(local_day(self._now, self._zone) + timedelta(days=days), self._zone)

    def _maybe(self, texts: Sequence[str], share: float) -> str | None:
        return self._random.choice(texts) if self._random.random() < share else None

    def _block(  # noqa: PLR0913  a block has this many parts, each by name
        self,
        person: Person,
        code: str,
        *,
        age: timedelta,
        by: str,
        expires_at: datetime | None = None,
        staff_note: str | None = None,
        patron_text: str | None = None,
    ) -> UserBlock:
        created_at = self._now - age
        return UserBlock(
            id=self._ids.at(created_at),
            user_id=person.user.id,
            description=self._descriptions[code],
            definition=self._definitions[code],
            block_type=self._definitions[code].block_type,
            status=BlockStatus.ACTIVE,
            expires_at=expires_at,
            staff_note=staff_note,
            patron_text=patron_text,
            origin=_origin_of(code),
            segment=Segment.INTERNAL,
            created_by=by,
            created_at=created_at,
            version=1,
        )

    def _taken_over(self, person: Person) -> UserBlock:
        block = self._block(
            person, "GENERAL", age=timedelta(days=29), by="import", staff_note="Code 7 there."
        )
        return replace(
            block,
            description=self._descriptions[OLD_SYSTEM],
            definition=None,
            origin=BlockOrigin.IMPORT,
            segment=Segment.EXTERNAL,
        )

    def _switched_off(self, block: UserBlock, ago: timedelta) -> BlockLife:
        after = replace(block, status=BlockStatus.INACTIVE, version=2)
        change = Change(
            at=self._now - ago, actor="olive.operator", deed="user_block.deactivate", after=after
        )
        return BlockLife(made=block, changes=(change,))

    def _removed(self, block: UserBlock, ago: timedelta, by: str, reason: str) -> BlockLife:
        at = self._now - ago
        removal = Removal(removed_at=at, removed_by=by, reason=reason)
        after = replace(block, removal=removal, version=2)
        change = Change(at=at, actor=by, deed="user_block.remove", after=after)
        return BlockLife(made=block, changes=(change,))

    def _account_block(self, person: Person, comment: str) -> AccountBlock:
        age = timedelta(days=self._random.randint(1, 28))
        return AccountBlock(
            id=self._ids.at(self._now - age),
            user_id=person.user.id,
            comment=comment,
            blocked_by="max.manager",
            blocked_at=self._now - age,
            version=1,
        )


def _maker_of(code: str) -> str | None:
    return {OVERDUE: OVERDUE_JOB, "DEMERIT": DEMERIT_JOB}.get(code)


def _origin_of(code: str) -> BlockOrigin:
    if code == OVERDUE:
        return BlockOrigin.OVERDUE_JOB
    return BlockOrigin.DEMERIT if code == "DEMERIT" else BlockOrigin.STAFF
