"""The lines of a load for measurements: users and blocks as COPY reads them, made up cheaply from
lists of names that Faker wrote once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from faker import Faker

from rules.name_keys import KEY_LIMIT
from rules.text import folded
from service.demo_texts import STAFF_NOTES

NAMES = 1024
LOCALES = ("en_CA", "fr_CA", "de_CH", "es_MX", "en_US", "zh_CN", "ko_KR", "hi_IN", "uk_UA")
NULL = r"\N"
_LOW_62 = (1 << 62) - 1
_UUID_BITS = 0x7 << 76 | 0b10 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name as COPY reads it, and as it is searched."""

    text: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Some users and their blocks."""

    users: Sequence[str]
    blocks: Sequence[str]


class LineMaker:
    """Makes the lines of one institution, always the same ones for the same instant."""

    def __init__(
        self,
        number: int,
        *,
        group_ids: Sequence[str],
        descriptions: Sequence[tuple[str, str]],
        blocks_per_user: float,
        now: datetime,
    ) -> None:
        """`descriptions`: id and block type of each that blocks may have."""
        self._number = number
        self._group_ids = group_ids
        self._descriptions = descriptions
        self._share, self._most = _spread(blocks_per_user)
        self._random = Random(f"load {number}")  # noqa: S311  not a secret
        self._bits = self._random.getrandbits
        self._milliseconds = int(now.timestamp() * 1000)
        self._days = _days_around(now)
        self._first_names, self._last_names = _names()
        self._notes = [_escaped(note) for note in STAFF_NOTES] + [NULL] * len(STAFF_NOTES)

    def lines(self, first: int, count: int) -> Lines:
        """The users of these numbers, and their blocks."""
        users: list[str] = []
        blocks: list[str] = []
        for user_number in range(first, first + count):
            user_id = self._id()
            users.append(self._user(user_number, user_id))
            if self._random.random() < self._share:
                kinds = self._bits(16) % self._most + 1
                blocks += [self._block(user_id) for _ in range(kinds)]
        return Lines(users=users, blocks=blocks)

    def _id(self) -> str:
        """A UUID of version 7 without hyphens, which PostgreSQL reads as well."""
        bits = self._bits(74)
        value = self._milliseconds << 80 | _UUID_BITS | (bits >> 62) << 64 | bits & _LOW_62
        return f"{value:032x}"

    def _user(self, user_number: int, user_id: str) -> str:
        bits = self._bits(48)
        first = self._first_names[bits & 1023]
        last = self._last_names[bits >> 10 & 1023]
        key = f"{last.key} {first.key}"[:KEY_LIMIT]
        first_key = f"{first.key} {last.key}"[:KEY_LIMIT]
        group_id = self._group_ids[(bits >> 20 & 1023) % len(self._group_ids)]
        status = "INACTIVE" if bits >> 30 & 63 == 0 else "ACTIVE"
        # One in eight is past the last day.
        ends_in = -(bits >> 36 & 255) if bits >> 44 & 7 == 0 else bits >> 36 & 1023
        created_at = self._days[-1600 - (bits >> 20 & 511)]
        return (
            f"{user_id}\t{primary_id(self._number, user_number)}\t{first.text}\t{last.text}\t"
            f"{key}\t{first_key}\t{group_id}\t{status}\t{self._days[ends_in][:10]}\t{created_at}\t"
            f"{self._id()}\t{barcode(self._number, user_number)}\n"
        )

    def _block(self, user_id: str) -> str:
        bits = self._bits(48)
        description_id, block_type = self._descriptions[bits % len(self._descriptions)]
        note = self._notes[(bits >> 8 & 255) % len(self._notes)]
        age = 21 + (bits >> 16 & 127)
        some_days = 1 + (bits >> 24 & 15)
        expires, status, version, removed = NULL, "ACTIVE", 1, f"{NULL}\t{NULL}\t{NULL}"
        fate = (bits >> 32 & 1023) % 100
        if fate < 45:
            expires = self._days[20 * some_days]
        elif 65 <= fate < 75:
            status, version = "INACTIVE", 2
        elif 75 <= fate < 83:
            expires = self._days[-some_days]
        elif 83 <= fate < 91:
            age += 380 + 50 * some_days
        elif fate >= 91:
            version, removed = 2, f"{self._days[-some_days]}\tmax.manager\tPaid in full."
        return (
            f"{self._id()}\t{user_id}\t{description_id}\t{block_type}\t{status}\t{expires}\t{note}\t"
            f"olive.operator\t{self._days[-age]}\t{version}\t{removed}\n"
        )


def primary_id(institution_number: int, user_number: int) -> str:
    """The primary identifier of a loaded user, for those who ask about one.

    >>> primary_id(1, 20000)
    'l001-0020000'
    """
    return f"l{institution_number:03d}-{user_number:07d}"


def barcode(institution_number: int, user_number: int) -> str:
    """The barcode of a loaded user.

    >>> barcode(1, 20000)
    '30010000020000'
    """
    return f"3{institution_number:03d}{user_number:010d}"


def _spread(blocks_per_user: float) -> tuple[float, int]:
    """The share of users with blocks, and the most that one has, for an average: one to four
    blocks for some, and for more than 2.5 on average more of them for everybody.

    >>> _spread(0.75), _spread(5)
    ((0.3, 4), (1.0, 9))
    """
    if blocks_per_user <= 2.5:
        return blocks_per_user / 2.5, 4
    return 1.0, round(2 * blocks_per_user - 1)


@lru_cache(maxsize=1)
def _names() -> tuple[Sequence[Name], Sequence[Name]]:
    first_names: list[Name] = []
    last_names: list[Name] = []
    fakers = [Faker(locale) for locale in LOCALES]
    for number, faker in enumerate(fakers):
        faker.seed_instance(number)
    for number in range(NAMES):
        # Every second name is of the first locale, so that starts of names find many.
        faker = fakers[number % len(fakers) if number % 2 else 0]
        first_names.append(_name(faker.first_name()))
        last_names.append(_name(faker.last_name()))
    return first_names, last_names


def _name(text: str) -> Name:
    return Name(text=_escaped(text), key=_escaped(folded(text)))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t")


def _days_around(now: datetime) -> dict[int, str]:
    """Instants as text, by days from now: written once, used a million times."""
    return {days: (now + timedelta(days=days)).isoformat() for days in range(-2200, 1100)}
