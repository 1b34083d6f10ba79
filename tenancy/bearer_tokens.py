"""Bearer JWTs: one verifier for every issuer, the development one too. What is read before the
signature is proven only finds the key; everything else is believed afterwards."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn, TypeGuard

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from tenancy.issuers import Algorithm, Issuer
from tenancy.jwks import KeySource, KeysUnavailableError
from tenancy.principal import Principal, SignInCode, SignInRefused
from tenancy.token_claims import Json, check_times, principal_of

TOKEN_MAX_LENGTH = 8 * 1024
ISSUER_MAX_LENGTH = 2048
KEY_ID_MAX_LENGTH = 255
HELD_SECONDS = 60
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# Headers that would let a token bring its own key, or change how it is to be read.
HEADERS_REFUSED = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A principal that need not be proven again for a while."""

    principal: Principal
    since: datetime
    until: datetime


class Verifier:
    """Turns a bearer token into the principal it proves, or refuses it."""

    def __init__(
        self,
        issuers: Callable[[str], Issuer | None],
        keys: KeySource,
        *,
        leeway_seconds: int = 30,
        held_tokens: int = 10_000,
    ) -> None:
        self._issuers = issuers
        self._keys = keys
        self._leeway = timedelta(seconds=leeway_seconds)
        self._held_tokens = held_tokens
        self._held: OrderedDict[tuple[bytes, str | None], _Held] = OrderedDict()
        self._forgotten = 0
        self._era = self._current_era()
        self._lock = threading.Lock()

    def verify(
        self, token: str, now: datetime, *, chosen_institution: str | None = None
    ) -> Principal:
        """Raises SignInRefused. A choice only picks among what the issuer may speak for."""
        if len(token) > TOKEN_MAX_LENGTH:
            raise SignInRefused(SignInCode.TOKEN_TOO_LARGE)
        if not token.isascii():
            _malformed()
        key = (hashlib.sha256(token.encode("ascii")).digest(), chosen_institution)
        era = self._current_era()
        held = self._find_held(key, era)
        if held is not None and held.since <= now < held.until:
            return held.principal
        issuer, claims = self._prove(token)
        expires_at = check_times(claims, now, self._leeway)
        principal = principal_of(claims, issuer, expires_at, chosen_institution)
        until = min(expires_at + self._leeway, now + timedelta(seconds=HELD_SECONDS))
        self._hold(key, _Held(principal=principal, since=now, until=until), era)
        return principal

    def held_principal(
        self, token: str, now: datetime, *, chosen_institution: str | None = None
    ) -> Principal | None:
        """The principal of a token that was proven a moment ago; this never waits."""
        if len(token) > TOKEN_MAX_LENGTH or not token.isascii():
            return None
        key = (hashlib.sha256(token.encode("ascii")).digest(), chosen_institution)
        held = self._find_held(key, self._current_era())
        return held.principal if held is not None and held.since <= now < held.until else None

    def forget(self) -> None:
        """Proves every token anew: for when an issuer was changed or removed."""
        with self._lock:
            self._forgotten += 1

    def _current_era(self) -> tuple[int, int]:
        """What was proven in one era does not count in the next; both numbers only grow."""
        return self._keys.generation, self._forgotten

    def _find_held(self, key: tuple[bytes, str | None], era: tuple[int, int]) -> _Held | None:
        with self._lock:
            if era != self._era:
                self._held.clear()
                self._era = era
            return self._held.get(key)

    def _hold(self, key: tuple[bytes, str | None], held: _Held, era: tuple[int, int]) -> None:
        with self._lock:
            # What changed meanwhile may have been this token's issuer or key.
            if not era == self._era == self._current_era():
                return
            self._held[key] = held
            self._held.move_to_end(key)
            while len(self._held) > self._held_tokens:
                self._held.popitem(last=False)

    def _prove(self, token: str) -> tuple[Issuer, Json]:
        header_part, payload_part, signature_part = _parts(token)
        header, claims = _read_json(header_part), _read_json(payload_part)
        algorithm, kid = _check_header(header)
        url = claims.get("iss")
        issuer = self._issuers(url) if _may_be_issuer(url) else None
        if issuer is None or issuer.url != url:
            raise SignInRefused(SignInCode.ISSUER_UNKNOWN)
        if algorithm not in issuer.algorithms:
            raise SignInRefused(SignInCode.ALGORITHM_NOT_ACCEPTED)
        signed = f"{header_part}.{payload_part}".encode("ascii")
        self._check_signature(issuer, algorithm, kid, (signed, _decode(signature_part)))
        audience = claims.get("aud")
        if issuer.audience not in (audience if isinstance(audience, list) else [audience]):
            raise SignInRefused(SignInCode.AUDIENCE_WRONG)
        return issuer, claims

    def _check_signature(
        self, issuer: Issuer, algorithm: Algorithm, kid: str, message: tuple[bytes, bytes]
    ) -> None:
        try:
            found = self._keys.find(issuer, kid)
        except KeysUnavailableError:
            raise SignInRefused(SignInCode.KEYS_UNAVAILABLE) from None
        if found is None or algorithm not in found.algorithms:
            raise SignInRefused(SignInCode.KEY_UNKNOWN)
        name = Algorithm.ED25519 if algorithm is Algorithm.EDDSA else algorithm
        model = JWSRegistry.algorithms[name.value]
        try:
            model.check_key(found.key)
            is_right = model.verify(*message, found.key)
        except (JoseError, ValueError):
            is_right = False
        if not is_right:
            raise SignInRefused(SignInCode.SIGNATURE_WRONG)


def _malformed() -> NoReturn:
    raise SignInRefused(SignInCode.TOKEN_MALFORMED)


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3:
        _malformed()
    return parts[0], parts[1], parts[2]


def _decode(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part.encode("ascii"))
    except ValueError:
        _malformed()


def _read_json(part: str) -> Json:
    """An object whose members are named once: readers differ about which of two counts."""
    try:
        value = json.loads(
            _decode(part).decode("utf-8"),
            object_pairs_hook=_named_once,
            parse_constant=lambda _: _malformed(),
        )
    except (ValueError, RecursionError):
        _malformed()
    return value if isinstance(value, dict) else _malformed()


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _malformed()


def _may_be_issuer(url: object) -> TypeGuard[str]:
    """What is no address must not even reach the records of the issuers."""
    return isinstance(url, str) and 0 < len(url) <= ISSUER_MAX_LENGTH and url.isprintable()


def _check_header(header: Json) -> tuple[Algorithm, str]:
    kid, kind = header.get("kid"), header.get("typ", "JWT")
    try:
        algorithm = Algorithm(header.get("alg"))
    except ValueError:
        raise SignInRefused(SignInCode.ALGORITHM_NOT_ACCEPTED) from None
    is_known_kind = isinstance(kind, str) and kind.lower() in TYPES
    if HEADERS_REFUSED & header.keys() or not is_known_kind:
        raise SignInRefused(SignInCode.HEADER_NOT_ACCEPTED)
    if not isinstance(kid, str) or not 0 < len(kid) <= KEY_ID_MAX_LENGTH:
        raise SignInRefused(SignInCode.HEADER_NOT_ACCEPTED)
    return algorithm, kid
