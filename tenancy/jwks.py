"""The public keys of the issuers: fixed ones, or a key set fetched in the background and kept.
What is fetched is bounded and checked; what the provider cannot give now, the last answer gives."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import DictKey, ECKey, OKPKey, RSAKey

from tenancy.issuers import Algorithm, Issuer, is_loopback_host

RESPONSE_MAX_BYTES = 256 * 1024
KEYS_MAX = 50
KID_MAX_LENGTH = 255
RSA_BITS = range(2048, 8193)
NUMBER_MAX_LENGTH = 1366  # 8192 bits in base64
RSA_MODULUS_MIN_LENGTH = 342
EDWARDS_NAMES = frozenset({Algorithm.ED25519, Algorithm.EDDSA})

log = structlog.get_logger(__name__)


class KeysUnavailableError(Exception):
    """The provider's keys were never seen, or too long ago to be trusted."""


class KeySetRefusedError(Exception):
    """What the provider answered is not a key set that can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A public key, and the algorithms for which its owner published it."""

    kid: str
    key: ECKey | RSAKey | OKPKey
    algorithms: frozenset[Algorithm]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTiming:
    """When keys are fetched, and how long an answer counts."""

    refetch_seconds: float = 60
    """At most one fetch in this time, whatever is asked for."""
    refresh_seconds: float = 300
    """Older keys are fetched again behind the scenes, so that a removed key goes."""
    stale_seconds: float = 86_400
    """How long the last answer serves while the provider is away."""
    wait_seconds: float = 2
    """How long the one request that set off a fetch waits for it; the others never do."""
    deadline_seconds: float = 10


KeysById = dict[str, VerificationKey]


@dataclass(slots=True)
class _Held:
    """What is known of one key set's address."""

    keys: KeysById | None = None
    fetched_at: float = 0.0
    tried_at: float | None = None
    done: threading.Event = field(default_factory=threading.Event)


class KeySource:
    """Finds an issuer's key by its id. `generation` moves whenever any key set changed."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        timing: KeyTiming | None = None,
    ) -> None:
        self._clock = clock
        self._timing = timing or KeyTiming()
        self._lock = threading.Lock()
        self._fixed: dict[str, tuple[Mapping[str, object], KeysById]] = {}
        self._held: dict[str, _Held] = {}
        self._generation = 0

    @property
    def generation(self) -> int:
        return self._generation

    def find(self, issuer: Issuer, kid: str) -> VerificationKey | None:
        """None: the issuer has no such key. KeysUnavailableError: nobody can tell now."""
        if issuer.static_keys is not None:
            return self._fixed_keys(issuer.url, issuer.static_keys).get(kid)
        assert issuer.jwks_url is not None
        return self._find_fetched(issuer.jwks_url, kid)

    def prefetch(self, issuers: Iterable[Issuer]) -> None:
        """Starts fetching, so that the first person to sign in does not wait; never blocks."""
        for url in {issuer.jwks_url for issuer in issuers} - {None}:
            assert url is not None
            with self._lock:
                self._start_fetch_if_due(url, self._held.setdefault(url, _Held()))

    def _fixed_keys(self, url: str, document: Mapping[str, object]) -> KeysById:
        with self._lock:
            known = self._fixed.get(url)
            if known is not None and (known[0] is document or known[0] == document):
                return known[1]
            try:
                keys = read_key_set(document)
            except KeySetRefusedError as error:
                raise KeysUnavailableError from error
            if known is not None:
                self._generation += 1
            self._fixed[url] = (document, keys)
            return keys

    def _find_fetched(self, url: str, kid: str) -> VerificationKey | None:
        with self._lock:
            held = self._held.setdefault(url, _Held())
            found = (held.keys or {}).get(kid)
            age = self._clock() - held.fetched_at
            wanted = found is None or age >= self._timing.refresh_seconds
            started = wanted and self._start_fetch_if_due(url, held)
        if started and (found is None or age >= 2 * self._timing.refresh_seconds):
            held.done.wait(self._timing.wait_seconds)
        with self._lock:
            if held.keys is None or self._is_too_old(held):
                raise KeysUnavailableError
            return held.keys.get(kid)

    def _is_too_old(self, held: _Held) -> bool:
        return self._clock() - held.fetched_at >= self._timing.stale_seconds

    def _start_fetch_if_due(self, url: str, held: _Held) -> bool:
        now = self._clock()
        if held.tried_at is not None and now - held.tried_at < self._timing.refetch_seconds:
            return False
        held.tried_at = now
        held.done = threading.Event()
        # A thread each, not a pool: it survives a fork, and there is one a minute at most.
        threading.Thread(
            target=self._fetch, args=(url, held, held.done), name="jwks", daemon=True
        ).start()
        return True

    def _fetch(self, url: str, held: _Held, done: threading.Event) -> None:
        try:
            keys = read_key_set(fetch_document(url, self._timing.deadline_seconds))
        except (httpx2.HTTPError, httpx2.InvalidURL, KeySetRefusedError) as error:
            log.warning("key_set_not_fetched", url=url, reason=str(error) or type(error).__name__)
        else:
            with self._lock:
                if held.keys is not None and _fingerprints(held.keys) != _fingerprints(keys):
                    self._generation += 1
                held.keys = keys
                held.fetched_at = self._clock()
        finally:
            done.set()


def fetch_document(url: str, deadline_seconds: float) -> object:
    """Reads one key set: no redirect, no compression, no more than the bound, no drip-feeding."""
    until = time.monotonic() + deadline_seconds
    body = bytearray()
    with (
        httpx2.Client(
            timeout=httpx2.Timeout(5, connect=3),
            follow_redirects=False,
            trust_env=not is_loopback_host(httpx2.URL(url).host),
            headers={"accept": "application/json", "accept-encoding": "identity"},
        ) as client,
        client.stream("GET", url) as response,
    ):
        if response.status_code != httpx2.codes.OK:
            raise KeySetRefusedError(f"status {response.status_code}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise KeySetRefusedError("compressed")
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > RESPONSE_MAX_BYTES:
                raise KeySetRefusedError("too large")
            if time.monotonic() > until:
                raise KeySetRefusedError("too slow")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise KeySetRefusedError("not JSON") from error


def read_key_set(document: object) -> KeysById:
    """The keys that may verify signatures. A key that may not is left out, and so are two keys
    of one id: which of them was meant cannot be known."""
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list | tuple):
        raise KeySetRefusedError("not a key set")
    if len(entries) > KEYS_MAX:
        raise KeySetRefusedError("too many keys")
    read = [key for key in map(_read_key, entries) if key is not None]
    times = Counter(key.kid for key in read)
    return {key.kid: key for key in read if times[key.kid] == 1}


def _read_key(entry: object) -> VerificationKey | None:
    if not isinstance(entry, Mapping) or not _is_for_signatures(entry):
        return None
    kid = entry.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= KID_MAX_LENGTH:
        return None
    try:
        key, algorithms = _import_public(entry)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None
    meant = entry.get("alg")
    if meant is not None:
        named = frozenset(a for a in algorithms if a.value == meant)
        algorithms = algorithms if named and algorithms == EDWARDS_NAMES else named
    return VerificationKey(kid=kid, key=key, algorithms=algorithms) if algorithms else None


def _is_for_signatures(entry: Mapping[str, object]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return (
        entry.get("use", "sig") == "sig"
        and isinstance(operations, list | tuple)
        and "verify" in operations
        # A private key that stands in public belongs to everyone.
        and "d" not in entry
    )


def _import_public(
    entry: Mapping[str, object],
) -> tuple[ECKey | RSAKey | OKPKey, frozenset[Algorithm]]:
    """Only the numbers of the key are handed on; everything said about them is checked here."""
    match entry["kty"], entry.get("crv"):
        case "EC", "P-256":
            return ECKey.import_key(_members(entry, "crv", "x", "y")), frozenset({Algorithm.ES256})
        case "OKP", "Ed25519":
            return OKPKey.import_key(_members(entry, "crv", "x")), EDWARDS_NAMES
        case "RSA", _:
            members = _members(entry, "n", "e")
            if len(members["n"]) < RSA_MODULUS_MIN_LENGTH:
                raise ValueError("too short")
            key = RSAKey.import_key(members)
            if key.public_key.key_size not in RSA_BITS:
                raise ValueError("too short or too long")
            return key, frozenset({Algorithm.RS256})
    raise ValueError("not a public key of a known kind")


def _members(entry: Mapping[str, object], *names: str) -> DictKey:
    members: DictKey = {"kty": str(entry["kty"])}
    for name in names:
        value = entry[name]
        if not isinstance(value, str) or len(value) > NUMBER_MAX_LENGTH:
            raise ValueError(name)
        members[name] = value
    return members


def _fingerprints(keys: KeysById) -> dict[str, tuple[str, frozenset[Algorithm]]]:
    return {kid: (held.key.thumbprint(), held.algorithms) for kid, held in keys.items()}
