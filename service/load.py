"""`python -m service load`: institutions L001, L002 … with very many users and blocks, for
measurements. Each institution is one transaction, so a load that was cut short can go on."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import psycopg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from rules.block_tables import CONSORTIA
from rules.users import UserGroup
from service.demo_network import DEMO_TABLES, USER_GROUPS
from service.demo_people import SeededIds
from service.institution_setup import (
    InstitutionPlan,
    MadeInstitution,
    institution_exists,
    make_institution,
    owner_db,
)
from service.load_lines import LineMaker
from service.server_checks import StartRefused
from storage import bulk_load, setup
from storage.handles import WriteDb

CHUNK = 10_000
PLACES = (("America/Toronto", "CAD", "en"), ("Europe/Zurich", "CHF", "de"))
MOST_INSTITUTIONS = 9_999
MOST_USERS = 100_000_000
MOST_BLOCKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """How much to load. The users are spread evenly over the institutions."""

    institutions: int
    users: int
    blocks_per_user: float

    def users_of(self, number: int) -> int:
        """How many users the institution of this number gets, from 1."""
        each, rest = divmod(self.users, self.institutions)
        return each + (number <= rest)


@dataclass(frozen=True, slots=True)
class _Bar:
    progress: Progress
    task: TaskID

    def advance(self, users: int) -> None:
        self.progress.advance(self.task, users)


def institution_code(number: int) -> str:
    """The code of a loaded institution.

    >>> institution_code(7)
    'L007'
    """
    return f"L{number:03d}"


def load_network(
    owner_url: str,
    *,
    institutions: int,
    users: int,
    blocks_per_user: float = 0.75,
    now: datetime | None = None,
) -> str:
    """Load what is missing; a sentence on what was done. Raises StartRefused for numbers that
    make no sense. The same numbers make the same rows, but for instants, which hang on `now`
    (the present, if none is given)."""
    plan = LoadPlan(institutions=institutions, users=users, blocks_per_user=blocks_per_user)
    _check(plan)
    start = now or datetime.now(UTC)
    began = time.monotonic()
    rows = made = 0
    with _progress() as progress:
        bar = _Bar(progress, progress.add_task("users", total=plan.users))
        for number in range(1, plan.institutions + 1):
            loaded = _load_institution(owner_url, plan, number, now=start, bar=bar)
            made += loaded is not None
            rows += loaded or 0
        if made:
            progress.update(bar.task, description="analyze")
            _tidy(owner_url)
    return _report(plan, made, rows, time.monotonic() - began)


def _check(plan: LoadPlan) -> None:
    for what, value, least, most in (
        ("institutions", plan.institutions, 1, MOST_INSTITUTIONS),
        ("users", plan.users, 0, MOST_USERS),
        ("blocks-per-user", plan.blocks_per_user, 0, MOST_BLOCKS),
    ):
        if not least <= value <= most:
            raise StartRefused(f"--{what} must be from {least} to {most:,}, not {value:g}.")


def _load_institution(
    owner_url: str, plan: LoadPlan, number: int, *, now: datetime, bar: _Bar
) -> int | None:
    """The number of rows; None where the institution is there already."""
    code = institution_code(number)
    count = plan.users_of(number)
    with owner_db(owner_url, code) as db:
        if institution_exists(db):
            bar.advance(count)
            return None
        maker = _made_institution(db, plan, number, now=now)
        bulk_load.make_staging(db)
        rows = 0
        for first in range(1, count + 1, CHUNK):
            size = min(CHUNK, count + 1 - first)
            lines = maker.lines(first, size)
            bulk_load.copy_lines(db, bulk_load.STAGED_USER, lines.users)
            bulk_load.copy_lines(db, bulk_load.STAGED_BLOCK, lines.blocks)
            rows += bulk_load.insert_staged(db)
            bar.advance(size)
    return rows


def _made_institution(db: WriteDb, plan: LoadPlan, number: int, *, now: datetime) -> LineMaker:
    ids = SeededIds(Random(f"load {number}"))  # noqa: S311  not a secret
    time_zone, currency, language = PLACES[number % len(PLACES)]
    made: MadeInstitution = make_institution(
        db,
        InstitutionPlan(
            code=institution_code(number),
            name=f"Loaded Institution {number}",
            time_zone=time_zone,
            currency=currency,
            languages=(language,),
            tables=DEMO_TABLES,
        ),
        now=now,
        new_id=lambda: ids.at(now),
    )
    groups = [UserGroup(id=ids.at(now), code=code, name=name) for code, name in USER_GROUPS]
    setup.insert_user_groups(db, groups)
    return LineMaker(
        number,
        group_ids=[group.id.hex for group in groups],
        descriptions=[
            (row.description.id.hex, row.block_type.value)
            for row in made.definitions
            if row.description.is_enabled and row.description.code != CONSORTIA
        ],
        blocks_per_user=plan.blocks_per_user,
        now=now,
    )


def _tidy(owner_url: str) -> None:
    """Statistics and visibility, without which the first measurements would mislead."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for table in bulk_load.TABLES:
            connection.execute(f"VACUUM (ANALYZE) {table}".encode())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _report(plan: LoadPlan, made: int, rows: int, seconds: float) -> str:
    last = institution_code(plan.institutions)
    there = plan.institutions - made
    if not made:
        return f"{institution_code(1)} to {last} are there already; nothing was added."
    kept = f" {there} were there already and stay as they are." if there else ""
    return (
        f"Loaded {made} institutions with {rows:,} users, identifiers and blocks in "
        f"{seconds:.0f} s ({rows / seconds:,.0f} rows/s).{kept}"
    )
