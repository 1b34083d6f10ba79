"""API tokens of an institution: found at sign-in by their id, listed, added and revoked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from sqlalchemy import DateTime, bindparam, func, insert, or_, select, update

from rules.api_tokens import ApiToken, StoredApiToken
from rules.pages import Page
from rules.roles import Role, RoleGrant
from storage.handles import ReadDb, WriteDb
from storage.statements import OWN, Statement, own, statement
from storage.tables import api_token, library

_T = api_token
_INSTANT = DateTime(timezone=True)
_COLUMNS = (
    _T.c.id,
    _T.c.name,
    _T.c.grants,
    _T.c.created_by,
    _T.c.created_at,
    _T.c.expires_at,
    _T.c.revoked_at,
    _T.c.last_used_at,
    _T.c.secret_hash,
)
_BY_ID = statement(select(*_COLUMNS).where(own(_T), _T.c.id == bindparam("token_id")))
_LOCK = statement(
    select(*_COLUMNS).where(own(_T), _T.c.id == bindparam("token_id")).with_for_update()
)
_INSERT = statement(
    insert(_T).values(
        institution_code=OWN,
        **{
            name: bindparam(name)
            for name in (
                "id",
                "name",
                "secret_hash",
                "grants",
                "created_by",
                "created_at",
                "expires_at",
            )
        },
    )
)
_REVOKE = statement(
    update(_T)
    .where(own(_T), _T.c.id == bindparam("token_id"))
    .values(revoked_at=bindparam("now", type_=_INSTANT))
)
_NOTE_USE = statement(
    update(_T)
    .where(
        own(_T),
        _T.c.id == bindparam("token_id"),
        or_(
            _T.c.last_used_at.is_(None),
            _T.c.last_used_at <= bindparam("noted_before", type_=_INSTANT),
        ),
    )
    .values(last_used_at=bindparam("now", type_=_INSTANT))
)
_LIVE_COUNT = statement(
    select(func.count())
    .select_from(_T)
    .where(
        own(_T),
        _T.c.revoked_at.is_(None),
        or_(_T.c.expires_at.is_(None), _T.c.expires_at > bindparam("now", type_=_INSTANT)),
    )
)
_LIBRARIES = statement(select(library.c.code).where(own(library)))


def stored_token(db: ReadDb, token_id: UUID) -> StoredApiToken | None:
    """A token with the hash of its secret, or None."""
    row = db.row(_BY_ID, token_id=token_id)
    return None if row is None else StoredApiToken(token=_token(row), secret_hash=bytes(row[8]))


def locked_token(db: WriteDb, token_id: UUID) -> ApiToken | None:
    """A token, held until the transaction ends; None if there is none."""
    row = db.row(_LOCK, token_id=token_id)
    return None if row is None else _token(row)


def token_by_id(db: ReadDb, token_id: UUID) -> ApiToken | None:
    """A token, or None."""
    row = db.row(_BY_ID, token_id=token_id)
    return None if row is None else _token(row)


def tokens_page(db: ReadDb, *, first: int, after: tuple[str, ...] | None) -> Page[ApiToken]:
    """The tokens, newest first, revoked ones too."""
    values: dict[str, object] = {"count": first + 1}
    if after is not None:
        values |= {"after_id": UUID(after[0])}
    rows = db.rows(_page(after is not None), **values)
    items = [_token(row) for row in rows[:first]]
    return Page(items, [(str(token.id),) for token in items], has_more=len(rows) > first)


def insert_token(db: WriteDb, token: ApiToken, secret_hash: bytes) -> None:
    """Store a new token; of the secret only its hash."""
    db.execute(
        _INSERT,
        id=token.id,
        name=token.name,
        secret_hash=secret_hash,
        grants=Jsonb([_json(grant) for grant in token.grants]),
        created_by=token.created_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )


def revoke_token(db: WriteDb, token_id: UUID, now: datetime) -> None:
    """From now on the token signs nobody in."""
    db.execute(_REVOKE, token_id=token_id, now=now)


def note_use(db: WriteDb, token_id: UUID, *, now: datetime, every: timedelta) -> bool:
    """Remember that the token was used, unless that was noted a moment ago already."""
    return db.execute(_NOTE_USE, token_id=token_id, now=now, noted_before=now - every) > 0


def live_token_count(db: ReadDb, now: datetime) -> int:
    """How many tokens could be used now."""
    return int(str(db.value(_LIVE_COUNT, now=now)))


def library_codes(db: ReadDb) -> frozenset[str]:
    """The codes of the institution's libraries."""
    return frozenset(str(row[0]) for row in db.rows(_LIBRARIES))


@lru_cache
def _page(continued: bool) -> Statement:
    query = select(*_COLUMNS).where(own(_T))
    if continued:
        query = query.where(_T.c.id < bindparam("after_id"))
    return statement(query.order_by(_T.c.id.desc()).limit(bindparam("count")))


def _token(row: TupleRow) -> ApiToken:
    return ApiToken(
        id=row[0],
        name=row[1],
        grants=tuple(_grant(entry) for entry in row[2]),
        created_by=row[3],
        created_at=row[4],
        expires_at=row[5],
        revoked_at=row[6],
        last_used_at=row[7],
    )


def _json(grant: RoleGrant) -> dict[str, str]:
    place = {} if grant.library_code is None else {"library": grant.library_code}
    return {"role": grant.role.value, **place}


def _grant(entry: Mapping[str, str]) -> RoleGrant:
    return RoleGrant(role=Role(entry["role"]), library_code=entry.get("library"))
