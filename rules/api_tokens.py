"""API tokens of front-ends, as the institution keeps them: what each may do, and until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rules.problems import Problem
from rules.roles import Role, RoleGrant

MOST_GRANTS = 20
MOST_LIVE_TOKENS = 100
NOT_FOR_TOKENS = frozenset({Role.PATRON, Role.NETWORK_ADMINISTRATOR})
"""A program is no patron, and an institution's token never speaks for the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """An API token without its secret, which is shown once and never again."""

    id: UUID
    name: str
    grants: tuple[RoleGrant, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredApiToken:
    """An API token with the hash of its secret, for sign-in only."""

    token: ApiToken
    secret_hash: bytes


def grant_problems(
    grants: tuple[RoleGrant, ...], known_libraries: frozenset[str]
) -> tuple[Problem, ...]:
    """Why an API token cannot be given these roles (issue "Who asks": roles have a scope).

    >>> [p.sentence for p in grant_problems((RoleGrant(role=Role.PATRON),), frozenset())]
    ['An API token cannot be given the role PATRON.']
    """
    if not 1 <= len(grants) <= MOST_GRANTS:
        return (_problem(f"Give from 1 to {MOST_GRANTS} roles."),)
    problems = []
    for number, grant in enumerate(grants):
        if grant.role in NOT_FOR_TOKENS:
            sentence = f"An API token cannot be given the role {grant.role.value}."
            problems.append(_problem(sentence, str(number), "role"))
        if grant.library_code is not None and grant.library_code not in known_libraries:
            problems.append(_problem("There is no such library.", str(number), "library"))
    if len(set(grants)) < len(grants):
        problems.append(_problem("The same role is given twice."))
    return tuple(problems)


def token_snapshot(token: ApiToken) -> dict[str, object]:
    """What the history keeps of a token: never the secret, nor its hash.

    >>> from rules.specimens import NOON
    >>> snapshot = token_snapshot(ApiToken(id=UUID(int=1), name="Kiosk", created_by="greta",
    ...     grants=(RoleGrant(role=Role.AUDITOR, library_code="LAW"),), created_at=NOON,
    ...     expires_at=None, revoked_at=None, last_used_at=None))
    >>> snapshot["grants"]
    ['AUDITOR at LAW']
    """
    return {
        "name": token.name,
        "grants": [_grant_in_words(grant) for grant in token.grants],
        "created_by": token.created_by,
        "expires_at": None if token.expires_at is None else token.expires_at.isoformat(),
        "revoked_at": None if token.revoked_at is None else token.revoked_at.isoformat(),
    }


def _grant_in_words(grant: RoleGrant) -> str:
    place = "" if grant.library_code is None else f" at {grant.library_code}"
    return f"{grant.role.value}{place}"


def _problem(sentence: str, *path: str) -> Problem:
    return Problem(path=("grants", *path), sentence=sentence)
