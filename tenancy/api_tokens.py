"""API tokens of front-ends: how one is written and read, and what a stored one is compared with.
The token names its institution, so that it is looked up inside that institution's own scope."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rules.roles import Role, RoleGrant
from tenancy.principal import Principal, SignInCode, SignInRefused, Via

SECRET_BYTES = 32
PREFIX = "pcl_"
ISSUER = "api-token"
USE_NOTED_EVERY = timedelta(minutes=1)
# Id and secret have fixed lengths, so an institution code may itself contain underscores.
FORM = re.compile(r"pcl_([A-Za-z0-9][A-Za-z0-9_-]{0,62})_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
NO_SECRET_HASH = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedApiToken:
    """What an API token says of itself; nothing of it is proven."""

    institution_code: str
    token_id: UUID
    secret: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiTokenRecord:
    """An API token as it is stored: never the secret, only its hash."""

    id: UUID
    institution_code: str
    name: str
    secret_hash: bytes
    grants: tuple[RoleGrant, ...]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def __post_init__(self) -> None:
        if any(grant.role is Role.NETWORK_ADMINISTRATOR for grant in self.grants):
            raise ValueError("an institution's API token never speaks for the network")


def new_api_token(institution_code: str, token_id: UUID, secret: bytes) -> str:
    """The text that is shown once. `secret` is 32 bytes from the system's random source."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("the secret of an API token has 256 bits")
    encoded = urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")
    text = f"{PREFIX}{institution_code}_{token_id.hex}_{encoded}"
    if FORM.fullmatch(text) is None:
        raise ValueError(f"{institution_code} cannot stand in an API token")
    return text


def parse_api_token(text: str) -> ParsedApiToken | None:
    """
    >>> token = new_api_token("ASHFORD", UUID(int=7), bytes(32))
    >>> parse_api_token(token).institution_code
    'ASHFORD'
    >>> parse_api_token(token + "=") is None
    True
    """
    match = FORM.fullmatch(text)
    if match is None:
        return None
    secret = urlsafe_b64decode(match[3] + "=")
    if urlsafe_b64encode(secret).rstrip(b"=").decode("ascii") != match[3]:
        return None
    return ParsedApiToken(institution_code=match[1], token_id=UUID(match[2]), secret=secret)


def hash_secret(secret: bytes) -> bytes:
    """A plain hash will do: 256 random bits cannot be guessed, however fast one tries."""
    return hashlib.sha256(secret).digest()


def secret_matches(secret: bytes, secret_hash: bytes) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(hash_secret(secret), secret_hash)


def principal_of(record: ApiTokenRecord | None, parsed: ParsedApiToken, now: datetime) -> Principal:
    """Raises one and the same SignInRefused for a wrong id, a wrong secret, an expired and a
    revoked token, after the same comparison."""
    is_right = secret_matches(parsed.secret, record.secret_hash if record else NO_SECRET_HASH)
    if record is None or not is_right or not _is_live(record, parsed, now):
        raise SignInRefused(SignInCode.API_TOKEN_REFUSED)
    return Principal(
        subject=str(record.id),
        institution_code=record.institution_code,
        grants=record.grants,
        roles_asserted=True,
        via=Via.API_TOKEN,
        issuer=ISSUER,
        token_id=str(record.id),
        expires_at=record.expires_at,
        user_id=None,
        label=record.name,
    )


def use_is_to_be_noted(record: ApiTokenRecord, now: datetime) -> bool:
    """The last use is kept to the minute, so that reading does not write each time."""
    return record.last_used_at is None or now - record.last_used_at >= USE_NOTED_EVERY


def _is_live(record: ApiTokenRecord, parsed: ParsedApiToken, now: datetime) -> bool:
    return (
        (record.institution_code, record.id) == (parsed.institution_code, parsed.token_id)
        and record.revoked_at is None
        and (record.expires_at is None or now < record.expires_at)
    )
