"""The issuers whose tokens the network accepts, and what each may speak for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import TupleRow
from sqlalchemy import func, select

from storage.handles import ReadDb
from storage.statements import statement
from storage.tables import issuer, issuer_institution

_I, _M = issuer, issuer_institution


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerRow:
    """An issuer as it is stored; tenancy/ makes of it what a verifier needs."""

    url: str
    audience: str
    jwks_url: str | None
    static_keys: Mapping[str, object] | None
    is_network: bool
    roles_from: str
    algorithms: tuple[str, ...]
    user_id_claim: str
    institution_codes: frozenset[str]


_ALL = statement(
    select(
        _I.c.url,
        _I.c.audience,
        _I.c.jwks_url,
        _I.c.static_keys,
        _I.c.is_network,
        _I.c.roles_from,
        _I.c.algorithms,
        _I.c.user_id_claim,
        func.array_remove(func.array_agg(_M.c.institution_code), None),
    )
    .select_from(_I.outerjoin(_M, _M.c.issuer_url == _I.c.url))
    .group_by(_I.c.url)
    .order_by(_I.c.url)
)


def issuers(db: ReadDb) -> Sequence[IssuerRow]:
    """Every issuer; in a network scope only."""
    return [_row(row) for row in db.rows(_ALL)]


def _row(row: TupleRow) -> IssuerRow:
    return IssuerRow(
        url=row[0],
        audience=row[1],
        jwks_url=row[2],
        static_keys=row[3],
        is_network=row[4],
        roles_from=row[5],
        algorithms=tuple(row[6]),
        user_id_claim=row[7],
        institution_codes=frozenset(row[8] or ()),
    )
