"""Signs callers in: finds the issuer of a bearer token among those the network keeps, and in
development the installation's own."""

import asyncio
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request

from service.settings import Settings
from storage.institutions import members
from storage.issuers import IssuerRow, issuers
from tenancy.bearer_tokens import Verifier
from tenancy.development_issuer import (
    development_issuer,
    development_network_issuer,
    load_or_make_key,
)
from tenancy.issuers import Algorithm, Issuer, RolesFrom
from tenancy.jwks import KeySource
from tenancy.principal import Principal, SignInCode, SignInRefused
from tenancy.scopes import Pool, open_read_db

ISSUERS_KEPT_SECONDS = 10


class KnownIssuers:
    """The issuers as the database has them, read again every few seconds."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings
        self._lock = threading.Lock()
        self._issuers: Mapping[str, Issuer] = {}
        self._read_at = float("-inf")

    def find(self, url: str) -> Issuer | None:
        """The issuer of a URL, or None."""
        with self._lock:
            if time.monotonic() - self._read_at > ISSUERS_KEPT_SECONDS:
                self._issuers = self._read()
                self._read_at = time.monotonic()
            return self._issuers.get(url)

    def _read(self) -> dict[str, Issuer]:
        with open_read_db(self._pool, None) as db:
            known = {row.url: _issuer(row) for row in issuers(db)}
            codes = frozenset(member.code for member in members(db))
        if self._settings.is_development and codes:
            key = load_or_make_key(self._settings.dev_key)
            for made in (development_issuer(key, codes), development_network_issuer(key)):
                known[made.url] = made
        return known


class SignIn:
    """Turns the Authorization header into a principal, or refuses."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._verifier = Verifier(KnownIssuers(pool, settings).find, KeySource())

    async def authenticate(self, request: Request) -> Principal:
        """Raises SignInRefused. What may wait for a database or a provider waits in a thread."""
        token = _bearer_token(request)
        chosen = request.headers.get("x-institution")
        now = datetime.now(UTC)
        held = self._verifier.held_principal(token, now, chosen_institution=chosen)
        if held is not None:
            return held
        return await asyncio.to_thread(self._verifier.verify, token, now, chosen_institution=chosen)


def _bearer_token(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise SignInRefused(SignInCode.TOKEN_MALFORMED, "Sign in with a bearer token.")
    return token.strip()


def _issuer(row: IssuerRow) -> Issuer:
    return Issuer(
        url=row.url,
        audience=row.audience,
        algorithms=frozenset(Algorithm(name) for name in row.algorithms),
        jwks_url=row.jwks_url,
        static_keys=row.static_keys,
        institution_codes=row.institution_codes,
        is_network=row.is_network,
        roles_from=RolesFrom(row.roles_from),
    )
