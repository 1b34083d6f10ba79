"""The people of the demo network: made up by Faker from a fixed seed, in every script."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from unicodedata import normalize
from uuid import UUID

from faker import Faker

from rules.roles import Role
from rules.users import (
    AccountStatus,
    AccountType,
    RecordType,
    User,
    UserGroup,
    UserIdentifier,
)
from service.demo_network import HOME, PIA, QUENTIN, STAFF, DemoInstitution, DemoPatron, DemoStaff
from storage.ids import uuid_v7

FROM_AFAR = (
    "ar_PS",
    "bn_BD",
    "el_GR",
    "fa_IR",
    "he_IL",
    "hi_IN",
    "hy_AM",
    "ja_JP",
    "ka_GE",
    "ko_KR",
    "ta_IN",
    "th_TH",
    "uk_UA",
    "zh_CN",
)
EVERY_SCRIPT = (
    ("ليلى", "الحداد"),
    ("小明", "王"),
    ("민준", "김"),
    ("ሰላም", "ተስፋዬ"),
    ("Thi\u0323 A\u0301nh", "Nguye\u0302\u0303n"),
    ("Zoe\u0308", "A\u030angstro\u0308m"),
    ("Siobhán", "Ó Súilleabháin"),
    ("Ólafur", "Þórðarson"),
    ("שרה", "כהן"),
    ("Владислава", "Ґалаґан"),
    ("ಕಾವ್ಯ", "ರಾವ್"),
    ("さくら", "髙橋"),
    ("Jean-Łukasz", "d’Alembert‐Weiß"),
    ("翔", "𠮷野"),
)
"""Names that every institution has, accents as combining marks among them; kept in NFC."""

_STUDENTS = frozenset({"UNDERGRAD", "GRADUATE"})
_MANY = ("UNDERGRAD", "GRADUATE", "FACULTY", "ALUMNI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user with all that is loaded beside the account."""

    user: User
    created_at: datetime
    identifiers: tuple[UserIdentifier, ...] = ()
    staff: DemoStaff | None = None


@dataclass(frozen=True, slots=True)
class SeededIds:
    """Ids in the order of their making whose random part comes from the seed."""

    random: Random

    def at(self, instant: datetime) -> UUID:
        """A new id, made at the instant."""
        return uuid_v7(int(instant.timestamp() * 1000), self.random.getrandbits(74))


class PeopleMaker:
    """Makes the people of one institution, always the same ones."""

    def __init__(
        self, institution: DemoInstitution, groups: Sequence[UserGroup], *, now: datetime
    ) -> None:
        self._institution = institution
        self._groups = {group.code: group for group in groups}
        self._now = now
        self._random = Random(f"people of {institution.plan.code}")  # noqa: S311  not a secret
        self._ids = SeededIds(self._random)
        self._fakers: dict[str, Faker] = {}

    def people(self) -> Iterator[Person]:
        """Staff, the patrons everybody knows, and then the others."""
        for member in STAFF:
            yield self._staff(member)
        if self._institution.plan.code == HOME:
            yield from (self._known(patron) for patron in (PIA, QUENTIN))
        for number, name in enumerate(self._names(), start=1):
            yield self._patron(number, name)

    def _names(self) -> Iterable[tuple[str, str]]:
        yield from EVERY_SCRIPT
        for _ in range(self._institution.users - len(EVERY_SCRIPT)):
            is_from_afar = self._random.random() < 0.2
            locale = self._random.choice(FROM_AFAR if is_from_afar else self._institution.locales)
            faker = self._faker(locale)
            yield faker.first_name(), faker.last_name()

    def _faker(self, locale: str) -> Faker:
        if locale not in self._fakers:
            faker = Faker(locale)
            faker.seed_instance(f"{self._institution.plan.code} {locale}")
            self._fakers[locale] = faker
        return self._fakers[locale]

    def _staff(self, member: DemoStaff) -> Person:
        created_at = self._now - timedelta(days=900)
        user = self._user(
            member.primary_id, (member.first_name, member.last_name), created_at, expires_on=None
        )
        return Person(user=user, created_at=created_at, staff=member)

    def _known(self, patron: DemoPatron) -> Person:
        created_at = self._now - timedelta(days=600)
        user = self._user(
            patron.primary_id,
            (patron.first_name, patron.last_name),
            created_at,
            group=self._groups["UNDERGRAD"],
            expires_on=(self._now + timedelta(days=500)).date(),
        )
        identifiers = (
            UserIdentifier(type_code="BARCODE", value=patron.barcode),
            UserIdentifier(type_code="STUDENT_ID", value=patron.student_id),
        )
        return Person(user=user, created_at=created_at, identifiers=identifiers)

    def _patron(self, number: int, name: tuple[str, str]) -> Person:
        rolled = self._random.random()
        code = self._random.choice(_MANY if rolled < 0.8 else tuple(self._groups))
        created_at = self._now - timedelta(minutes=self._random.randint(30 * 1440, 2000 * 1440))
        is_student = code in _STUDENTS
        user = self._user(
            f"{self._institution.plan.code[:3].lower()}{number:05d}",
            name,
            created_at,
            group=self._groups[code],
            expires_on=self._expiry(created_at),
            is_external=is_student or self._random.random() < 0.4,
            is_active=self._random.random() >= 0.03,
        )
        place = self._institution.number
        barcode = UserIdentifier(type_code="BARCODE", value=f"2{place}{number:012d}")
        student_id = UserIdentifier(type_code="STUDENT_ID", value=f"S{place}{number:06d}")
        return Person(
            user=user,
            created_at=created_at,
            identifiers=(barcode, student_id) if is_student else (barcode,),
        )

    def _expiry(self, created_at: datetime) -> date | None:
        """A few accounts have no end, one in eight is past it, some end in the next days."""
        rolled = self._random.random()
        if rolled < 0.05:
            return None
        if rolled < 0.17:
            past = self._now - timedelta(days=self._random.randint(1, 300))
            return max(past, created_at + timedelta(days=1)).date()
        days = self._random.randint(0, 14) if rolled < 0.22 else self._random.randint(15, 1500)
        return (self._now + timedelta(days=days)).date()

    def _user(  # noqa: PLR0913  an account has this many parts, each by name
        self,
        primary_id: str,
        name: tuple[str, str],
        created_at: datetime,
        *,
        group: UserGroup | None = None,
        expires_on: date | None,
        is_external: bool = False,
        is_active: bool = True,
    ) -> User:
        first_name, last_name = (normalize("NFC", part) for part in name)
        return User(
            id=self._ids.at(created_at),
            primary_id=primary_id,
            first_name=first_name,
            last_name=last_name,
            group=group,
            record_type=RecordType.PUBLIC if group else RecordType.STAFF,
            account_type=AccountType.EXTERNAL if is_external else AccountType.INTERNAL,
            status=AccountStatus.ACTIVE if is_active else AccountStatus.INACTIVE,
            expires_on=expires_on,
            preferred_language=self._random.choice(self._institution.plan.languages),
            version=1,
        )


def staff_of(role: Role) -> DemoStaff | None:
    """The demo person who holds the role, everywhere in the institution."""
    return next((one for one in STAFF if one.role is role and one.library_code is None), None)
