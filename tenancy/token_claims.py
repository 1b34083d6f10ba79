"""What a proven bearer token says: until when, who, for which institution, with which roles."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NoReturn, TypeGuard
from unicodedata import normalize
from uuid import UUID

from rules.roles import Role, RoleGrant
from tenancy.issuers import Issuer, RolesFrom
from tenancy.principal import Principal, SignInCode, SignInRefused, Via

TEXT_MAX_LENGTH = 255
GRANTS_MAX = 100
INSTANT_MAX = 253_370_764_800  # the year 9999 begins, and leeway still fits

Json = Mapping[str, object]


def check_times(claims: Json, now: datetime, leeway: timedelta) -> datetime:
    expires_at = _instant(claims, "exp")
    if expires_at is None:
        _claim_malformed("exp")
    if now - leeway >= expires_at:
        raise SignInRefused(SignInCode.TOKEN_EXPIRED)
    for name in ("nbf", "iat"):
        starts_at = _instant(claims, name)
        if starts_at is not None and starts_at > now + leeway:
            raise SignInRefused(SignInCode.TOKEN_NOT_YET_VALID)
    return expires_at


def _instant(claims: Json, name: str) -> datetime | None:
    if name not in claims:
        return None
    return _read_instant(claims[name]) or _claim_malformed(name)


def _read_instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value <= INSTANT_MAX else None


def _claim_malformed(name: str) -> NoReturn:
    raise SignInRefused(
        SignInCode.CLAIM_MALFORMED, f"The claim {name} of the bearer token is missing or malformed."
    )


def principal_of(
    claims: Json, issuer: Issuer, expires_at: datetime, chosen: str | None
) -> Principal:
    _text(claims, "sub")
    if "cnf" in claims:
        # Bound to a key that its holder must show; taking it without would undo that.
        _claim_malformed("cnf")
    subject = _text(claims, issuer.user_id_claim)
    institution_code = _institution_code(claims, issuer, chosen)
    user_id = None if issuer.is_network else _uuid(subject)
    name = _text(claims, "preferred_username") if "preferred_username" in claims else subject
    label = subject if user_id is None else name
    return Principal(
        subject=subject,
        institution_code=institution_code,
        grants=_grants(claims, issuer) if issuer.roles_from is RolesFrom.CLAIMS else (),
        roles_asserted=issuer.roles_from is RolesFrom.CLAIMS,
        via=Via.JWT,
        issuer=issuer.url,
        token_id=_text(claims, "jti") if "jti" in claims else None,
        expires_at=expires_at,
        user_id=user_id,
        label=normalize("NFC", label),
    )


def _text(claims: Json, name: str) -> str:
    value = claims.get(name)
    return value if _is_text(value) else _claim_malformed(name)


def _uuid(text: str) -> UUID | None:
    is_uuid = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
    return UUID(text) if is_uuid else None


def _institution_code(claims: Json, issuer: Issuer, chosen: str | None) -> str | None:
    """The issuer decides; the claim chooses among its institutions, and what is left open the
    header may choose. An institution that does not exist is refused like a foreign one."""
    own = issuer.institution_codes
    if "institution" in claims:
        own &= {_text(claims, "institution")}
    if chosen is not None:
        own &= {chosen}
    if issuer.is_network and "institution" not in claims and chosen is None:
        return None
    if not own:
        raise SignInRefused(SignInCode.INSTITUTION_NOT_YOURS)
    if len(own) > 1:
        raise SignInRefused(SignInCode.INSTITUTION_MISSING)
    return next(iter(own))


def _grants(claims: Json, issuer: Issuer) -> tuple[RoleGrant, ...]:
    entries = claims.get("roles")
    if not isinstance(entries, list) or not 0 < len(entries) <= GRANTS_MAX:
        raise SignInRefused(SignInCode.ROLES_MALFORMED)
    grants = tuple(map(_grant, entries))
    for grant in grants:
        of_network = grant.role is Role.NETWORK_ADMINISTRATOR
        if of_network != issuer.is_network or (of_network and grant.library_code is not None):
            raise SignInRefused(
                SignInCode.ROLE_NOT_ALLOWED,
                f"This sign-in provider may not give the role {grant.role.value}.",
            )
    return grants


def _grant(entry: object) -> RoleGrant:
    members = {"role": entry} if isinstance(entry, str) else entry
    if not isinstance(members, dict) or not members.keys() <= {"role", "library", "expires"}:
        raise SignInRefused(SignInCode.ROLES_MALFORMED)
    library, expires = members.get("library"), members.get("expires")
    expires_at = None if expires is None else _read_instant(expires)
    if (library is not None and not _is_text(library)) or (expires_at is None) != (expires is None):
        raise SignInRefused(SignInCode.ROLES_MALFORMED)
    return RoleGrant(role=_role(members.get("role")), library_code=library, expires_at=expires_at)


def _role(name: object) -> Role:
    if not _is_text(name):
        raise SignInRefused(SignInCode.ROLES_MALFORMED)
    try:
        return Role(name)
    except ValueError:
        sentence = f"The bearer token names a role that does not exist: {name[:64]}."
        raise SignInRefused(SignInCode.ROLE_UNKNOWN, sentence) from None


def _is_text(value: object) -> TypeGuard[str]:
    """Bounded, visible, without control or direction characters, nothing to trim."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= TEXT_MAX_LENGTH
        and value.isprintable()
        and value == value.strip()
    )
