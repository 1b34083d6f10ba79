"""The issuers that this process accepts: those the network keeps, read again every few seconds,
and in development the installation's own. What cannot be read or used stops nobody else."""

import threading
import time
from collections.abc import Callable, Mapping

import structlog

from service.settings import Settings
from storage.institutions import members
from storage.issuers import IssuerRow, issuers
from tenancy.development_issuer import (
    development_issuer,
    development_network_issuer,
    load_or_make_key,
)
from tenancy.issuers import Algorithm, Issuer, RolesFrom
from tenancy.principal import SignInCode, SignInRefused
from tenancy.scopes import Pool, open_read_db

KEPT_SECONDS = 10

_log = structlog.get_logger("portcullis.sign_in")

NOT_NOW = "Nobody can be signed in at the moment. Try again in a minute."


class KnownIssuers:
    """The issuers by their URLs. `changed` is called with all of them whenever they differ from
    what was known."""

    def __init__(
        self,
        read: Callable[[], Mapping[str, Issuer]],
        changed: Callable[[Mapping[str, Issuer]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._changed = changed
        self._clock = clock
        self._lock = threading.Lock()
        self._issuers: Mapping[str, Issuer] | None = None
        self._read_at = float("-inf")

    @property
    def are_due(self) -> bool:
        """Whether it is time to read again; this costs nothing."""
        return self._clock() - self._read_at > KEPT_SECONDS

    def find(self, url: str) -> Issuer | None:
        """The issuer of a URL, or None. Raises SignInRefused while none were ever read."""
        self.refresh()
        if self._issuers is None:
            raise SignInRefused(SignInCode.KEYS_UNAVAILABLE, NOT_NOW)
        return self._issuers.get(url)

    def refresh(self) -> None:
        """Read again where it is time. One thread reads; the others go on with what is known,
        and wait only where nothing is known yet."""
        if not self.are_due or not self._lock.acquire(blocking=self._issuers is None):
            return
        try:
            if self.are_due:
                self._refresh()
        finally:
            self._lock.release()

    def _refresh(self) -> None:
        # The time counts from the attempt: a database that is away is not asked all the time.
        self._read_at = self._clock()
        try:
            found = dict(self._read())
        except Exception as error:
            _log.warning("issuers not read", reason=type(error).__name__)
            if self._issuers is None:
                self._read_at = float("-inf")
            return
        if found != self._issuers:
            self._issuers = found
            self._changed(found)


def read_issuers(pool: Pool, settings: Settings) -> dict[str, Issuer]:
    """The issuers that the database keeps and that can be used, and the development ones."""
    with open_read_db(pool, None) as db:
        rows = issuers(db)
        codes = frozenset(member.code for member in members(db))
    known = {row.url: issuer for row in rows if (issuer := _usable(row)) is not None}
    if settings.is_development and codes:
        key = load_or_make_key(settings.dev_key)
        for made in (development_issuer(key, codes), development_network_issuer(key)):
            known[made.url] = made
    return known


def issuer_from(row: IssuerRow) -> Issuer:
    """A stored issuer as the verifier needs it. Raises ValueError with the reason why not."""
    return Issuer(
        url=row.url,
        audience=row.audience,
        algorithms=frozenset(Algorithm(name) for name in row.algorithms),
        jwks_url=row.jwks_url,
        static_keys=row.static_keys,
        institution_codes=row.institution_codes,
        is_network=row.is_network,
        roles_from=RolesFrom(row.roles_from),
        user_id_claim=row.user_id_claim,
    )


def _usable(row: IssuerRow) -> Issuer | None:
    """One row that makes no sense must not stop everybody's sign-in."""
    try:
        return issuer_from(row)
    except ValueError as problem:
        _log.error("issuer left out", issuer=row.url, reason=str(problem))
        return None
