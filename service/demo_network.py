"""The demo network as it is written down: three institutions, their block tables as a real
consortium sets them up, user groups, staff of every role and two patrons everybody knows."""

from dataclasses import dataclass, replace

from rules.actions import ALL_ACTIONS, Action
from rules.block_tables import CONSORTIA, OVERDUE, BlockType, Overridable
from rules.presets import (
    PRESET_TABLES,
    ActionCodeRow,
    BlockTablesPlan,
    DefinitionRow,
    DescriptionRow,
    LibraryPlan,
)
from rules.roles import Role
from service.institution_setup import InstitutionPlan

OLD_SYSTEM = "OLD_SYSTEM"
"""A description without a definition, so that blocks loaded with it show but stop nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoInstitution:
    """One institution of the demo network, and whom Faker shall make up for it."""

    plan: InstitutionPlan
    number: int
    users: int
    locales: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStaff:
    """A member of staff, the same at each institution. `library_code` None: everywhere there."""

    primary_id: str
    first_name: str
    last_name: str
    role: Role
    library_code: str | None = None
    expired_days_ago: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPatron:
    """A patron with an identifier that everybody knows."""

    primary_id: str
    first_name: str
    last_name: str
    barcode: str
    student_id: str


DEMO_TABLES = BlockTablesPlan(
    action_codes=(
        *PRESET_TABLES.action_codes,
        ActionCodeRow(
            code="04",
            name="Resource sharing request",
            actions=frozenset({Action.RESOURCE_SHARING}),
        ),
        ActionCodeRow(
            code="05", name="Loan, renew, hold, resource sharing request", actions=ALL_ACTIONS
        ),
        ActionCodeRow(code="06", name="Automatic renewal", actions=frozenset({Action.AUTO_RENEW})),
    ),
    descriptions=(
        DescriptionRow(code="GENERAL", text="General block", is_default=True),
        DescriptionRow(code="UNPAID", text="Unpaid fines or fees"),
        DescriptionRow(code="MISUSE", text="Library rules were broken"),
        DescriptionRow(code="LOST_CARD", text="Library card reported lost"),
        DescriptionRow(code="EXPIRED_ID", text="Proof of identity has run out"),
        DescriptionRow(code="ADDRESS", text="Address needs to be confirmed"),
        DescriptionRow(code="UNRETURNED", text="Item of another library not returned"),
        DescriptionRow(code="DEMERIT", text="Too many demerit points"),
        DescriptionRow(code=OVERDUE, text="Overdue loan"),
        DescriptionRow(code=CONSORTIA, text="Consortial block"),
        DescriptionRow(
            code="FROM_TARGET", text="Block from the target institution for linked accounts"
        ),
        DescriptionRow(code="TELEPHONE", text="Telephone number is missing", is_enabled=False),
        DescriptionRow(code=OLD_SYSTEM, text="Taken over from the former system", is_enabled=False),
    ),
    definitions=tuple(
        DefinitionRow(
            row_id=row_id,
            description_code=description,
            action_code=code,
            block_type=kind,
            overridable=overridable,
            is_network_block=network,
        )
        for row_id, description, code, kind, overridable, network in (
            ("GENERAL", "GENERAL", "03", BlockType.GENERAL, Overridable.CIRCDESC, False),
            ("UNPAID", "UNPAID", "02", BlockType.CASH, Overridable.OPERATOR, True),
            ("MISUSE", "MISUSE", "ALL", BlockType.USER, Overridable.NONE, True),
            ("LOST_CARD", "LOST_CARD", "03", BlockType.USER, Overridable.OPERATOR, False),
            ("EXPIRED_ID", "EXPIRED_ID", "01", BlockType.GENERAL, Overridable.ALL, False),
            ("ADDRESS", "ADDRESS", "06", BlockType.USER, Overridable.ALL, False),
            (
                "UNRETURNED",
                "UNRETURNED",
                "04",
                BlockType.RESOURCE_SHARING,
                Overridable.OPERATOR,
                True,
            ),
            ("DEMERIT", "DEMERIT", "03", BlockType.DEMERIT, Overridable.NONE, False),
            (OVERDUE, OVERDUE, "ALL", BlockType.LOAN, Overridable.CIRCDESC, True),
            ("AFNBLOCK", CONSORTIA, "05", BlockType.CONSORTIAL, Overridable.ALL, False),
            ("FROM_TARGET", "FROM_TARGET", "05", BlockType.CONSORTIAL, Overridable.ALL, True),
            ("TELEPHONE", "TELEPHONE", "01", BlockType.USER, Overridable.ALL, False),
        )
    ),
)
"""Every type, every value of Overridable, network blocks, disabled rows, and the consortium's
own two rows: copies arrive under CONSORTIA, FROM_TARGET is entered at home by hand (1.5)."""

USER_GROUPS = (
    ("21", "Faculty (Proxy)"),
    ("22", "Officer (Proxy)"),
    ("23", "Staff (Proxy)"),
    ("25", "Special Borrower"),
    ("27", "Consortial Borrower"),
    ("30", "Domestic partner"),
    ("41", "SAO Affiliate"),
    ("42", "Continuing Ed. - PCI"),
    ("45", "Special Permission Borrowers"),
    ("57", "Leganto Self-Registered Patron"),
    ("58", "Library Guest"),
    ("59", "Visiting Researcher"),
    ("84", "Borrow Direct to other institution (RS Billing only)"),
    ("UNDERGRAD", "Undergraduate"),
    ("GRADUATE", "Graduate"),
    ("FACULTY", "Faculty"),
    ("ALUMNI", "Alumni"),
)
"""The groups of seed S3 and, at the end, the four most people are in."""

STAFF = (
    DemoStaff(
        primary_id="olive.operator",
        first_name="Olive",
        last_name="Operator",
        role=Role.CIRCULATION_DESK_OPERATOR,
    ),
    DemoStaff(
        primary_id="max.manager",
        first_name="Max",
        last_name="Manager",
        role=Role.CIRCULATION_DESK_MANAGER,
    ),
    DemoStaff(
        primary_id="lena.limited",
        first_name="Lena",
        last_name="Limited",
        role=Role.CIRCULATION_DESK_OPERATOR_LIMITED,
    ),
    DemoStaff(
        primary_id="felix.fulfillment",
        first_name="Felix",
        last_name="Fulfillment",
        role=Role.FULFILLMENT_SERVICES_OPERATOR,
    ),
    DemoStaff(
        primary_id="ada.admin",
        first_name="Ada",
        last_name="Admin",
        role=Role.FULFILLMENT_ADMINISTRATOR,
    ),
    DemoStaff(
        primary_id="ursula.users", first_name="Ursula", last_name="Users", role=Role.USER_MANAGER
    ),
    DemoStaff(
        primary_id="umar.useradmin",
        first_name="Umar",
        last_name="Useradmin",
        role=Role.USER_ADMINISTRATOR,
    ),
    DemoStaff(
        primary_id="gita.general",
        first_name="Gita",
        last_name="General",
        role=Role.GENERAL_SYSTEM_ADMINISTRATOR,
    ),
    DemoStaff(primary_id="arne.auditor", first_name="Arne", last_name="Auditor", role=Role.AUDITOR),
    DemoStaff(
        primary_id="otto.operator",
        first_name="Otto",
        last_name="Operator",
        role=Role.CIRCULATION_DESK_OPERATOR,
        library_code="LAW",
    ),
    DemoStaff(
        primary_id="mona.manager",
        first_name="Mona",
        last_name="Manager",
        role=Role.CIRCULATION_DESK_MANAGER,
        library_code="LAW",
        expired_days_ago=20,
    ),
)
"""Two of them show what a role's library and a role's end do."""

NETWORK_ADMINISTRATOR = "nadia.network"

PIA = DemoPatron(
    primary_id="pia",
    first_name="Pia",
    last_name="Marchetti",
    barcode="29000000000001",
    student_id="S9000001",
)
QUENTIN = DemoPatron(
    primary_id="quentin",
    first_name="Quentin",
    last_name="Oduya",
    barcode="29000000000002",
    student_id="S9000002",
)

HOME = "ASHFORD"
"""Where Pia and Quentin are patrons."""

_LIBRARIES = (
    LibraryPlan(
        code="MAIN",
        name="Main Library",
        desks=(("DESK1", "Circulation desk"), ("DESK2", "Course reserves")),
    ),
    LibraryPlan(code="LAW", name="Law Library", desks=(("DESK1", "Law circulation desk"),)),
)

_ASHFORD = InstitutionPlan(
    code=HOME,
    name="Ashford University",
    time_zone="America/Toronto",
    currency="CAD",
    languages=("en", "fr"),
    libraries=_LIBRARIES,
    tables=DEMO_TABLES,
)

DEMO_INSTITUTIONS = (
    DemoInstitution(
        plan=_ASHFORD, number=1, users=320, locales=("en_CA", "en_CA", "fr_CA", "en_CA")
    ),
    DemoInstitution(
        plan=replace(
            _ASHFORD,
            code="BIRCHWOOD",
            name="Birchwood College",
            time_zone="America/New_York",
            currency="USD",
            languages=("en", "es"),
        ),
        number=2,
        users=260,
        locales=("en_US", "en_US", "es_MX", "en_US"),
    ),
    DemoInstitution(
        plan=replace(
            _ASHFORD,
            code="CEDAR",
            name="Cedar Institute of Technology",
            time_zone="Europe/Zurich",
            currency="CHF",
            languages=("de", "fr", "en"),
        ),
        number=3,
        users=280,
        locales=("de_CH", "de_CH", "fr_CH", "it_CH"),
    ),
)
