"""The cast: Ashford (home), Birchwood (lends to Ashford's users), Cedar (a stranger), and the
people and block tables of each, with fixed ids. Every isolation test looks from Cedar.

`peopling.py` writes the cast into a database; tests name its people and numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from rules.roles import STAFF_ROLES, Role, RoleGrant

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The instant at which every test happens unless it says otherwise: a Sunday, at noon in UTC."""

ASHFORD = "ASHFORD"
BIRCHWOOD = "BIRCHWOOD"
CEDAR = "CEDAR"

_NAMES = UUID("c0ffee00-0000-7000-8000-000000000000")


def fixed_id(institution_code: str, kind: str, name: str) -> UUID:
    """The id of a record of the cast, the same in every run."""
    return uuid5(_NAMES, f"{institution_code}/{kind}/{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One institution of the cast."""

    code: str
    name: str
    time_zone: str
    currency: str
    languages: tuple[str, ...]

    def library_id(self, code: str = "MAIN") -> UUID:
        return fixed_id(self.code, "library", code)

    def desk_id(self, code: str = "MAIN_DESK") -> UUID:
        return fixed_id(self.code, "circulation_desk", code)

    def group_id(self, code: str = "STUDENT") -> UUID:
        return fixed_id(self.code, "user_group", code)

    def code_id(self, code: str) -> UUID:
        """The id of a blocked-action code."""
        return fixed_id(self.code, "blocked_action_code", code)

    def description_id(self, code: str) -> UUID:
        """The id of a block description."""
        return fixed_id(self.code, "block_description", code)

    def definition_id(self, code: str) -> UUID:
        """The id of the block definition of a description's code."""
        return fixed_id(self.code, "block_definition", code)


HOUSES = {
    house.code: house
    for house in (
        House(
            code=ASHFORD,
            name="Ashford College",
            time_zone="America/New_York",
            currency="USD",
            languages=("en", "es"),
        ),
        House(
            code=BIRCHWOOD,
            name="Birchwood University",
            time_zone="America/Chicago",
            currency="USD",
            languages=("en",),
        ),
        House(
            code=CEDAR,
            name="Cedar Institute",
            time_zone="Europe/Berlin",
            currency="EUR",
            languages=("de", "en"),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who signs in, or of whom there is a record. Only the network's have no house."""

    primary_id: str
    first_name: str
    last_name: str
    institution_code: str | None
    roles: tuple[Role, ...]
    barcode: str | None = None

    @property
    def id(self) -> UUID:
        return fixed_id(self.institution_code or "NETWORK", "user_account", self.primary_id)

    @property
    def grants(self) -> tuple[RoleGrant, ...]:
        """The roles, each in force at the whole institution."""
        return tuple(RoleGrant(role=role) for role in self.roles)

    @property
    def is_staff(self) -> bool:
        return not STAFF_ROLES.isdisjoint(self.roles)


def _staff(house: str, primary_id: str, last_name: str, *roles: Role) -> Person:
    return Person(
        primary_id=primary_id,
        first_name=primary_id.partition(".")[0].capitalize(),
        last_name=last_name,
        institution_code=house,
        roles=roles,
    )


def _patron(house: str, primary_id: str, last_name: str, barcode: str) -> Person:
    return Person(
        primary_id=primary_id,
        first_name=primary_id.partition(".")[0].capitalize(),
        last_name=last_name,
        institution_code=house,
        roles=(Role.PATRON,),
        barcode=barcode,
    )


LENA = _staff(ASHFORD, "lena", "Ferris", Role.CIRCULATION_DESK_OPERATOR_LIMITED)
OLIVE = _staff(ASHFORD, "olive", "Marsh", Role.CIRCULATION_DESK_OPERATOR)
MAX = _staff(ASHFORD, "max", "Quill", Role.CIRCULATION_DESK_MANAGER)
FELIX = _staff(ASHFORD, "felix", "Thorne", Role.FULFILLMENT_SERVICES_OPERATOR)
ADA = _staff(ASHFORD, "ada", "Byrne", Role.FULFILLMENT_ADMINISTRATOR)
UMA = _staff(ASHFORD, "uma", "Reyes", Role.USER_MANAGER)
URSULA = _staff(ASHFORD, "ursula", "Vance", Role.USER_ADMINISTRATOR)
GRETA = _staff(ASHFORD, "greta", "Lindholm", Role.GENERAL_SYSTEM_ADMINISTRATOR)
AUDREY = _staff(ASHFORD, "audrey", "Pell", Role.AUDITOR)
PIA = _patron(ASHFORD, "pia", "Zöllner", "ASH-0001")
QUENTIN = _patron(ASHFORD, "quentin", "Okafor", "ASH-0002")

OSCAR = _staff(BIRCHWOOD, "oscar", "Dahl", Role.CIRCULATION_DESK_OPERATOR)
"""Olive's counterpart at Birchwood."""
MINA = _staff(BIRCHWOOD, "mina", "Castell", Role.CIRCULATION_DESK_MANAGER)
BELA = _patron(BIRCHWOOD, "bela", "Szabo", "BIR-0001")

CARL = _staff(CEDAR, "carl", "Strand", *(role for role in Role if role in STAFF_ROLES))
"""The stranger: at Cedar he holds every staff role there is."""
CLARA = _patron(CEDAR, "clara", "Nyberg", "CED-0001")

NADIA = Person(
    primary_id="nadia",
    first_name="Nadia",
    last_name="Haddad",
    institution_code=None,
    roles=(Role.NETWORK_ADMINISTRATOR,),
)

ASHFORD_STAFF = (LENA, OLIVE, MAX, FELIX, ADA, UMA, URSULA, GRETA, AUDREY)
PEOPLE = (*ASHFORD_STAFF, PIA, QUENTIN, OSCAR, MINA, BELA, CARL, CLARA)
"""Everyone with a record at an institution."""

ONE_OF_EACH_ROLE = {person.roles[0]: person for person in (*ASHFORD_STAFF, PIA, NADIA)}
"""A person for each role, who holds that role and no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockKind:
    """A row of the block tables: a description and, unless it has none, its definition."""

    code: str
    text: str
    blocked_action: str | None
    block_type: str = "GENERAL"
    overridable: str = "OPERATOR"
    is_network_block: bool = False
    is_enabled: bool = True
    is_default: bool = False


BLOCK_KINDS = (
    BlockKind(
        code="ADDRESS",
        text="Address unknown",
        blocked_action="01",
        block_type="USER",
        overridable="ALL",
        is_default=True,
    ),
    BlockKind(
        code="UNPAID",
        text="Unpaid fees",
        blocked_action="02",
        block_type="CASH",
        overridable="OPERATOR",
        is_network_block=True,
    ),
    BlockKind(
        code="LOST_CARD",
        text="Card reported lost",
        blocked_action="03",
        block_type="GENERAL",
        overridable="CIRCDESC",
    ),
    BlockKind(
        code="CONDUCT",
        text="Banned from the building",
        blocked_action="ALL",
        block_type="USER",
        overridable="NONE",
    ),
    BlockKind(
        code="OVERDUE",
        text="Overdue loans",
        blocked_action="ALL",
        block_type="LOAN",
        overridable="OPERATOR",
    ),
    BlockKind(
        code="CONSORTIA",
        text="Consortial block",
        blocked_action="ALL",
        block_type="CONSORTIAL",
        overridable="ALL",
    ),
    BlockKind(
        code="RETIRED",
        text="No longer used",
        blocked_action="01",
        overridable="OPERATOR",
        is_enabled=False,
    ),
    BlockKind(code="UNDEFINED", text="Imported, without a definition", blocked_action=None),
)
"""Each value of Overridable, each preset code; the same at every institution."""


def records_of(institution_code: str) -> Iterator[Person]:
    """The people with a record at an institution."""
    return (person for person in PEOPLE if person.institution_code == institution_code)
