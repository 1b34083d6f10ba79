"""Signs callers in: bearer tokens of the issuers that the network keeps, and the API tokens of
front-ends."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import structlog
from starlette.requests import Request

from rules.api_tokens import StoredApiToken
from service.known_issuers import NOT_NOW, KnownIssuers, read_issuers
from service.settings import Settings
from storage.api_tokens import note_use, stored_token
from storage.handles import DatabaseAway, is_institution_code
from tenancy.api_tokens import (
    PREFIX,
    USE_NOTED_EVERY,
    ApiTokenRecord,
    ParsedApiToken,
    parse_api_token,
    principal_of,
    use_is_to_be_noted,
)
from tenancy.bearer_tokens import Verifier
from tenancy.issuers import Issuer
from tenancy.jwks import KeySource
from tenancy.principal import Principal, SignInCode, SignInRefused
from tenancy.scopes import Pool, open_read_db, open_write_db

_log = structlog.get_logger("portcullis.sign_in")


def current_instant() -> datetime:
    """The `now` of a sign-in: tokens live by the real time."""
    return datetime.now(UTC)


class SignIn:
    """Turns the Authorization header into a principal, or refuses. `refused` is told the code of
    each refusal."""

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        *,
        refused: Callable[[SignInCode], None] | None = None,
        clock: Callable[[], datetime] = current_instant,
    ) -> None:
        self._pool = pool
        self._refused = refused
        self._clock = clock
        self._keys = KeySource()
        self._known = KnownIssuers(partial(read_issuers, pool, settings), self._issuers_changed)
        self._verifier = Verifier(self._known.find, self._keys)

    def start(self) -> None:
        """Read the issuers and begin to fetch their keys, so that nobody waits for either."""
        self._known.refresh()

    async def authenticate(self, request: Request) -> Principal:
        """Raises SignInRefused. What may wait for a database or a provider waits in a thread."""
        try:
            return await self._authenticate(request)
        except SignInRefused as refusal:
            if self._refused is not None:
                self._refused(refusal.code)
            raise

    async def _authenticate(self, request: Request) -> Principal:
        token = _bearer_token(request)
        chosen = _chosen_institution(request)
        now = self._clock()
        if token.startswith(PREFIX):
            return await asyncio.to_thread(self._by_api_token, token, now, chosen)
        if self._known.are_due:
            await asyncio.to_thread(self._known.refresh)
        held = self._verifier.held_principal(token, now, chosen_institution=chosen)
        if held is not None:
            return held
        return await asyncio.to_thread(self._verifier.verify, token, now, chosen_institution=chosen)

    def _issuers_changed(self, issuers: Mapping[str, Issuer]) -> None:
        self._verifier.forget()
        self._keys.prefetch(issuers.values())

    def _by_api_token(self, token: str, now: datetime, chosen: str | None) -> Principal:
        parsed = parse_api_token(token)
        if parsed is None:
            raise SignInRefused(SignInCode.API_TOKEN_REFUSED)
        record = self._record(parsed)
        # Compared also where there is no record, so that all refusals take the same time.
        principal = principal_of(record, parsed, now)
        if chosen is not None and chosen != principal.institution_code:
            raise SignInRefused(
                SignInCode.INSTITUTION_NOT_YOURS,
                "The API token does not speak for this institution.",
            )
        if record is not None and use_is_to_be_noted(record, now):
            self._note_use(record, now)
        return principal

    def _record(self, parsed: ParsedApiToken) -> ApiTokenRecord | None:
        """The token in its own institution's scope; an institution that does not exist has none."""
        code = parsed.institution_code
        if not is_institution_code(code):
            return None
        try:
            with open_read_db(self._pool, code, ends_after_one=True) as db:
                stored = stored_token(db, parsed.token_id)
        except DatabaseAway:
            raise SignInRefused(SignInCode.KEYS_UNAVAILABLE, NOT_NOW) from None
        return None if stored is None else _record_of(code, stored)

    def _note_use(self, record: ApiTokenRecord, now: datetime) -> None:
        """In a transaction of its own. That it cannot be written turns nobody away."""
        try:
            with open_write_db(self._pool, record.institution_code) as db:
                note_use(db, record.id, now=now, every=USE_NOTED_EVERY)
        except Exception as error:
            _log.warning("use of an API token not noted", reason=type(error).__name__)


def _bearer_token(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise SignInRefused(SignInCode.TOKEN_MALFORMED, "Sign in with a bearer token.")
    return token.strip()


def _chosen_institution(request: Request) -> str | None:
    """Two choices are none: proxies and servers differ about which of two headers counts."""
    chosen = request.headers.getlist("x-institution")
    if len(chosen) > 1:
        raise SignInRefused(
            SignInCode.INSTITUTION_MISSING, "Name one institution in the header X-Institution."
        )
    return chosen[0] if chosen else None


def _record_of(institution_code: str, stored: StoredApiToken) -> ApiTokenRecord:
    token = stored.token
    return ApiTokenRecord(
        id=token.id,
        institution_code=institution_code,
        name=token.name,
        secret_hash=stored.secret_hash,
        grants=token.grants,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
