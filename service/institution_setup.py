"""Makes an institution with all it starts with: block tables, preferences, libraries with desks,
and the permissions of its roles. Only the owner's login may do so."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import available_timezones

import psycopg

from rules.actions import BlockedActionCode
from rules.block_tables import BlockDefinition, BlockDescription
from rules.checks import default_preferences
from rules.gate import BlockPreference
from rules.history import Channel, HistoryEvent, HistoryRecordType
from rules.institutions import CirculationDesk, Institution, Library
from rules.presets import (
    PRESET_GRANTS,
    PRESET_LIBRARIES,
    PRESET_TABLES,
    BlockTablesPlan,
    LibraryPlan,
)
from rules.roles import PermissionGrant, Role
from rules.snapshots import permission_snapshot
from rules.table_snapshots import (
    action_code_snapshot,
    definition_snapshot,
    description_snapshot,
    preference_snapshot,
)
from rules.text import NAME_LIMIT, TextProblem, clean
from service.server_checks import StartRefused
from storage import history, institutions, setup
from storage.handles import ReadDb, WriteDb, is_institution_code
from storage.ids import new_id
from storage.pools import TIMEOUTS

ACTOR = "set-up"
"""How the history names whoever made an institution: the operator of the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionPlan:
    """An institution as somebody wants it. Other libraries or tables than the preset ones are
    for the demo network and for measurements."""

    code: str
    name: str
    time_zone: str
    currency: str
    languages: tuple[str, ...]
    libraries: tuple[LibraryPlan, ...] = PRESET_LIBRARIES
    tables: BlockTablesPlan = PRESET_TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeInstitution:
    """What was made, for those who go on to fill it."""

    institution: Institution
    libraries: tuple[Library, ...]
    action_codes: tuple[BlockedActionCode, ...]
    descriptions: tuple[BlockDescription, ...]
    definitions: tuple[BlockDefinition, ...]
    preferences: Mapping[UUID, BlockPreference]
    permissions: tuple[PermissionGrant, ...]


@contextmanager
def owner_db(owner_url: str, institution_code: str | None) -> Iterator[WriteDb]:
    """A writing transaction of the owner's login; `None` for the network's own tables."""
    with psycopg.connect(owner_url, autocommit=True, options=TIMEOUTS) as connection:
        connection.execute("SET statement_timeout = 0")
        db = WriteDb(connection, institution_code)
        try:
            yield db
        except BaseException:
            db.rollback()
            raise
        db.commit()


def add_institution(owner_url: str, plan: InstitutionPlan) -> None:
    """Add one institution. Raises StartRefused where it cannot be, or is there already."""
    problems = plan_problems(plan)
    if problems:
        raise StartRefused(" ".join(problems))
    with owner_db(owner_url, plan.code) as db:
        if institution_exists(db):
            raise StartRefused(f"The institution {plan.code} is a member of the network already.")
        make_institution(db, plan, now=datetime.now(UTC), new_id=new_id)


def plan_problems(plan: InstitutionPlan) -> list[str]:
    """Why an institution cannot be made like this, a sentence for each reason."""
    problems = []
    if not is_institution_code(plan.code):
        problems.append(
            f"The code {plan.code!r} is not 2 to 32 upper-case letters and digits that begin "
            "with a letter."
        )
    name = clean(plan.name, limit=NAME_LIMIT)
    if isinstance(name, TextProblem):
        problems.append(f"The name cannot be taken: {name.sentence}")
    elif name != plan.name or not name:
        problems.append("The name is empty, or has spaces around it.")
    if plan.time_zone not in available_timezones():
        problems.append(f"There is no time zone {plan.time_zone!r}; one is named Europe/Zurich.")
    if not (len(plan.currency) == 3 and plan.currency.isascii() and plan.currency.isupper()):
        problems.append(f"The currency {plan.currency!r} is not a code of three letters.")
    problems += [
        f"The language {language!r} is not a code such as en or fr-CA."
        for language in plan.languages
        if not (2 <= len(language) <= 35 and language.replace("-", "").isalnum())
    ]
    return problems if plan.languages else [*problems, "At least one language is needed."]


def institution_exists(db: ReadDb) -> bool:
    """Whether the institution of this handle is a member already."""
    return institutions.own_institution(db) is not None


def make_institution(
    db: WriteDb, plan: InstitutionPlan, *, now: datetime, new_id: Callable[[], UUID]
) -> MadeInstitution:
    """Everything an institution starts with and its history, in the transaction of the handle."""
    made = _made(plan, new_id)
    setup.insert_institution(db, made.institution)
    setup.insert_libraries(db, made.libraries)
    setup.insert_block_tables(
        db, made.action_codes, made.descriptions, definitions=made.definitions
    )
    setup.insert_preferences(db, made.preferences)
    setup.insert_permission_grants(db, made.permissions)
    history.record(db, list(_events(made, now, new_id)))
    return made


def _made(plan: InstitutionPlan, new_id: Callable[[], UUID]) -> MadeInstitution:
    codes, descriptions, definitions = _block_tables(plan.tables, new_id)
    return MadeInstitution(
        institution=Institution(
            code=plan.code,
            name=plan.name,
            time_zone=plan.time_zone,
            currency=plan.currency,
            languages=plan.languages,
            version=1,
        ),
        libraries=tuple(_library(library, new_id) for library in plan.libraries),
        action_codes=codes,
        descriptions=descriptions,
        definitions=definitions,
        preferences={new_id(): row for row in default_preferences().values()},
        permissions=tuple(
            PermissionGrant(id=new_id(), permission=permission, role=role, user_id=None)
            for permission, roles in PRESET_GRANTS.items()
            for role in Role
            if role in roles
        ),
    )


def _library(plan: LibraryPlan, new_id: Callable[[], UUID]) -> Library:
    library_id = new_id()
    desks = tuple(
        CirculationDesk(
            id=new_id(), code=code, name=name, library_id=library_id, library_code=plan.code
        )
        for code, name in plan.desks
    )
    return Library(id=library_id, code=plan.code, name=plan.name, time_zone=None, desks=desks)


def _block_tables(
    plan: BlockTablesPlan, new_id: Callable[[], UUID]
) -> tuple[
    tuple[BlockedActionCode, ...], tuple[BlockDescription, ...], tuple[BlockDefinition, ...]
]:
    codes = {
        row.code: BlockedActionCode(id=new_id(), code=row.code, name=row.name, actions=row.actions)
        for row in plan.action_codes
    }
    descriptions = {
        row.code: BlockDescription(
            id=new_id(),
            code=row.code,
            text=row.text,
            is_enabled=row.is_enabled,
            is_default=row.is_default,
            position=position,
        )
        for position, row in enumerate(plan.descriptions)
    }
    definitions = tuple(
        BlockDefinition(
            id=new_id(),
            row_id=row.row_id,
            description=descriptions[row.description_code],
            blocked_action=codes[row.action_code],
            block_type=row.block_type,
            overridable=row.overridable,
            is_network_block=row.is_network_block,
        )
        for row in plan.definitions
    )
    return tuple(codes.values()), tuple(descriptions.values()), definitions


def _events(
    made: MadeInstitution, now: datetime, new_id: Callable[[], UUID]
) -> Iterator[HistoryEvent]:
    """That each row of the tables was made, so that they can be asked how they stood."""
    for kind, record_id, after in _snapshots(made):
        yield HistoryEvent(
            id=new_id(),
            at=now,
            actor=ACTOR,
            channel=Channel.SYSTEM,
            deed=f"{kind.value.lower()}.add",
            record_type=kind,
            record_id=record_id,
            user_id=None,
            before=None,
            after=after,
            is_erased=False,
        )


def _snapshots(
    made: MadeInstitution,
) -> Iterator[tuple[HistoryRecordType, UUID, dict[str, object]]]:
    for code in made.action_codes:
        yield HistoryRecordType.BLOCKED_ACTION_CODE, code.id, action_code_snapshot(code)
    for row in made.descriptions:
        yield HistoryRecordType.BLOCK_DESCRIPTION, row.id, description_snapshot(row)
    for definition in made.definitions:
        yield HistoryRecordType.BLOCK_DEFINITION, definition.id, definition_snapshot(definition)
    for row_id, preference in made.preferences.items():
        yield HistoryRecordType.BLOCK_PREFERENCE, row_id, preference_snapshot(preference)
    for grant in made.permissions:
        yield HistoryRecordType.PERMISSION_GRANT, grant.id, permission_snapshot(grant)
