"""API tokens of front-ends: listed, added and revoked. A secret is seen once and never stored."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from rules.api_tokens import MOST_LIVE_TOKENS, ApiToken, grant_problems, token_snapshot
from rules.history import HistoryRecordType
from rules.local_time import expiry_problem
from rules.pages import Page
from rules.problems import Problem
from rules.roles import RoleGrant
from rules.text import NAME_LIMIT, TextProblem, clean
from storage import api_tokens, history
from tenancy.api_tokens import hash_secret
from tenancy.changes import change
from tenancy.refusals import Conflict, InvalidInput, NotFound
from tenancy.scopes import InstitutionScope, WritingScope


def tokens_page(
    scope: InstitutionScope, *, first: int, after: tuple[str, ...] | None
) -> Page[ApiToken]:
    """The institution's tokens, newest first, revoked ones too."""
    return api_tokens.tokens_page(scope.db, first=first, after=after)


def token_by_id(scope: InstitutionScope, token_id: UUID) -> ApiToken | None:
    """The token of an id at this institution, or None."""
    return api_tokens.token_by_id(scope.db, token_id)


def add_token(
    scope: WritingScope,
    name: str,
    *,
    grants: tuple[RoleGrant, ...],
    expires_at: datetime | None,
    secret: bytes,
) -> ApiToken:
    """Store a token under the hash of its secret. Raises InvalidInput for each wrong input,
    Conflict where the institution has too many."""
    parts = (
        cleaned := _name(name),
        *grant_problems(grants, api_tokens.library_codes(scope.db)),
        _expiry(expires_at, scope.now),
    )
    problems = [part for part in parts if isinstance(part, Problem)]
    if problems or isinstance(cleaned, Problem):
        raise InvalidInput(problems)
    if api_tokens.live_token_count(scope.db, scope.now) >= MOST_LIVE_TOKENS:
        raise Conflict(f"An institution can have at most {MOST_LIVE_TOKENS} API tokens.")
    token = ApiToken(
        id=scope.new_id(),
        name=cleaned,
        grants=grants,
        created_by=scope.principal.label,
        created_at=scope.now,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    api_tokens.insert_token(scope.db, token, hash_secret(secret))
    _record(scope, "api_token.add", None, token)
    return token


def revoke_token(scope: WritingScope, token_id: UUID) -> ApiToken:
    """From now on the token signs nobody in. Raises NotFound for an unknown token, Conflict for
    one that was revoked before."""
    token = api_tokens.locked_token(scope.db, token_id)
    if token is None:
        raise NotFound("There is no such API token.", ["apiToken"])
    if token.revoked_at is not None:
        raise Conflict("The API token has been revoked already.", ["apiToken"])
    api_tokens.revoke_token(scope.db, token_id, scope.now)
    revoked = replace(token, revoked_at=scope.now)
    _record(scope, "api_token.revoke", token, revoked)
    return revoked


def _record(scope: WritingScope, deed: str, before: ApiToken | None, after: ApiToken) -> None:
    event = change(
        scope,
        deed,
        HistoryRecordType.API_TOKEN,
        record_id=after.id,
        before=None if before is None else token_snapshot(before),
        after=token_snapshot(after),
    )
    history.record(scope.db, [event])


def _name(name: str) -> str | Problem:
    cleaned = clean(name, limit=NAME_LIMIT)
    if isinstance(cleaned, TextProblem):
        return Problem(path=("name",), sentence=cleaned.sentence)
    return cleaned or Problem(path=("name",), sentence="Give the API token a name.")


def _expiry(expires_at: datetime | None, now: datetime) -> Problem | None:
    if expires_at is not None and expires_at.tzinfo is None:
        sentence = "The instant of expiry needs a time zone or offset."
        return Problem(path=("expiresAt",), sentence=sentence)
    problem = expiry_problem(expires_at, now)
    return None if problem is None else replace(problem, path=("expiresAt",))
