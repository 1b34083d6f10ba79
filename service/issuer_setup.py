"""Makes a sign-in provider known: which tokens are taken, and for whom they speak. Only the
owner's login may do so."""

import json
from pathlib import Path

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from service.institution_setup import owner_db
from service.server_checks import StartRefused
from storage import setup
from storage.issuers import IssuerRow
from tenancy.issuers import Algorithm, Issuer, RolesFrom


def issuer_of(  # noqa: PLR0913  an issuer has this many properties, each by name
    *,
    url: str,
    audience: str,
    jwks_url: str | None,
    keys: Path | None,
    institution_codes: frozenset[str],
    is_network: bool,
    roles_from: RolesFrom,
    algorithms: frozenset[Algorithm],
    user_id_claim: str,
) -> Issuer:
    """The issuer as the verifier needs it, so that nothing is stored which it could not use."""
    try:
        return Issuer(
            url=url,
            audience=audience,
            algorithms=algorithms,
            jwks_url=jwks_url,
            static_keys=None if keys is None else _key_set(keys),
            institution_codes=institution_codes,
            is_network=is_network,
            roles_from=roles_from,
            user_id_claim=user_id_claim,
        )
    except ValueError as error:
        raise StartRefused(f"The provider cannot be taken: {error}.") from None


def add_issuer(owner_url: str, issuer: Issuer) -> None:
    """Store the issuer. Raises StartRefused where it is known, or an institution is not."""
    row = IssuerRow(
        url=issuer.url,
        audience=issuer.audience,
        jwks_url=issuer.jwks_url,
        static_keys=issuer.static_keys,
        is_network=issuer.is_network,
        roles_from=issuer.roles_from.value,
        algorithms=tuple(sorted(algorithm.value for algorithm in issuer.algorithms)),
        institution_codes=issuer.institution_codes,
        user_id_claim=issuer.user_id_claim,
    )
    try:
        with owner_db(owner_url, None) as db:
            setup.insert_issuer(db, row)
    except UniqueViolation:
        raise StartRefused(f"The provider {issuer.url} is known already.") from None
    except ForeignKeyViolation:
        codes = ", ".join(sorted(issuer.institution_codes))
        raise StartRefused(f"Not all of these are institutions of the network: {codes}.") from None


def _key_set(path: Path) -> dict[str, object]:
    try:
        found: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StartRefused(f"The key set {path} cannot be read: {error}.") from None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not keys:
        raise StartRefused(f"{path} is no key set: an object with a list of `keys` is needed.")
    if any(not isinstance(key, dict) or "d" in key or "k" in key for key in keys):
        raise StartRefused(f"{path} holds a private or a shared key; give the public keys only.")
    return {"keys": keys}
