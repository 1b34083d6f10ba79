"""Sign-in for development: a key pair of this installation and the issuer that goes with it. Its
tokens are JWTs like any other and go through the same verifier."""

import json
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from rules.roles import RoleGrant
from tenancy.issuers import Algorithm, Issuer, RolesFrom

INSTITUTIONS_URL = "https://development.portcullis.invalid"
NETWORK_URL = "https://network.development.portcullis.invalid"
AUDIENCE = "portcullis"


class DevelopmentKeyError(Exception):
    """The key file cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentToken:
    """What a token shall say. Without an institution it is the network's."""

    subject: str
    institution_code: str | None
    grants: tuple[RoleGrant, ...]
    token_id: str
    label: str | None = None
    """The primary identifier, where the subject is the user's id."""


def load_or_make_key(path: Path) -> ECKey:
    """The key pair in this file, made if there is none. Two processes that start at once end up
    with the same key, and nobody ever reads half of one."""
    if not path.exists():
        _make_key(path)
    return _load_key(path)


def mint(key: ECKey, token: DevelopmentToken, *, now: datetime, seconds: int) -> str:
    """A signed bearer token, good for so many seconds."""
    issued = int(now.timestamp())
    claims: dict[str, object] = {
        "iss": NETWORK_URL if token.institution_code is None else INSTITUTIONS_URL,
        "aud": AUDIENCE,
        "sub": token.subject,
        "iat": issued,
        "nbf": issued,
        "exp": issued + seconds,
        "jti": token.token_id,
        "roles": [_role_claim(grant) for grant in token.grants],
    }
    if token.institution_code is not None:
        claims["institution"] = token.institution_code
    if token.label is not None:
        claims["preferred_username"] = token.label
    header = {"alg": Algorithm.ES256.value, "typ": "JWT", "kid": key.thumbprint()}
    return jwt.encode(header, claims, key)


def development_issuer(key: ECKey, institution_codes: frozenset[str]) -> Issuer:
    """Speaks for every institution that the caller names, and gives the roles itself."""
    return Issuer(
        url=INSTITUTIONS_URL,
        audience=AUDIENCE,
        algorithms=frozenset({Algorithm.ES256}),
        static_keys=_public_keys(key),
        institution_codes=institution_codes,
        roles_from=RolesFrom.CLAIMS,
    )


def development_network_issuer(key: ECKey) -> Issuer:
    return Issuer(
        url=NETWORK_URL,
        audience=AUDIENCE,
        algorithms=frozenset({Algorithm.ES256}),
        static_keys=_public_keys(key),
        is_network=True,
        roles_from=RolesFrom.CLAIMS,
    )


def _public_keys(key: ECKey) -> dict[str, object]:
    return {"keys": [key.as_dict(private=False, kid=key.thumbprint(), use="sig", alg="ES256")]}


def _role_claim(grant: RoleGrant) -> object:
    claim: dict[str, object] = {"role": grant.role.value}
    if grant.library_code is not None:
        claim["library"] = grant.library_code
    if grant.expires_at is not None:
        claim["expires"] = grant.expires_at.timestamp()
    return claim if len(claim) > 1 else grant.role.value


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp opens the file for its owner only, before anything is in it.
    handle, temporary = mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(ECKey.generate_key("P-256", private=True).as_dict(private=True), file)
        # Unlike a rename, a link never replaces the key another process has just made.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def _load_key(path: Path) -> ECKey:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise DevelopmentKeyError(
            f"{path} can be read by others. Delete it; a new key is made at the next start."
        )
    try:
        key = ECKey.import_key(json.loads(path.read_text("ascii")))
        is_ours = key.is_private and key.curve_name == "P-256"
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise DevelopmentKeyError(_unreadable(path)) from error
    if not is_ours:
        raise DevelopmentKeyError(_unreadable(path))
    return key


def _unreadable(path: Path) -> str:
    return f"{path} holds no development key. Delete it; a new key is made at the next start."
