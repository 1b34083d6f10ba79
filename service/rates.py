"""The rate limit of each principal, true across processes: a process takes some of a minute's
operations ahead from the shared count and then counts by itself, so that most requests pay a
lookup in memory and nothing else."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from service.request_limits import RateLimit
from storage.pools import lent
from storage.request_rates import forget_before, take
from tenancy.principal import Principal
from tenancy.scopes import Pool

LEASES_OF_A_MINUTE = 20
"""A process takes at most this part of the limit ahead."""
LEASES_OF_THE_REST = 8
"""And at most this part of what is left, so that towards the end nobody sits on unused ones."""
KEPT = timedelta(minutes=5)
SWEPT_EVERY_MINUTES = 10

Key = tuple[str | None, str, str]


@dataclass(slots=True)
class _Account:
    """What this process holds of one principal's minute."""

    minute: int
    left: int = 0
    taken: int = 0
    is_spent: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class RateLimiter:
    """Charges operations. Over all processes no principal gets more than the limit in a minute;
    `exceeded` is told of each operation beyond."""

    def __init__(
        self,
        pool: Pool,
        limit: int,
        *,
        exceeded: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._pool = pool
        self._limit = limit
        self._exceeded = exceeded
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._swept = 0
        self._accounts: dict[Key, _Account] = {}

    def charge(self, principal: Principal) -> RateLimit:
        """One operation more; the answer says whether it was one too many."""
        now = self._clock()
        minute = int(now // 60)
        key = (principal.institution_code, principal.issuer, principal.subject)
        account = self._account(key, minute)
        with account.lock:
            if account.left == 0 and not account.is_spent:
                self._lease(key, account)
            is_over = account.left == 0
            if not is_over:
                account.left -= 1
            remaining = self._limit - account.taken + account.left
        if is_over and self._exceeded is not None:
            self._exceeded()
        return RateLimit(
            limit=self._limit,
            remaining=remaining,
            resets_in_seconds=max(1, int((minute + 1) * 60 - now)),
            exceeded=is_over,
        )

    def _account(self, key: Key, minute: int) -> _Account:
        with self._lock:
            if minute > self._minute:
                # Nothing of an earlier minute counts any more.
                self._minute = minute
                self._accounts = {}
            account = self._accounts.get(key)
            if account is None:
                account = self._accounts[key] = _Account(self._minute)
            return account

    def _lease(self, key: Key, account: _Account) -> None:
        rest = self._limit - account.taken
        wanted = max(1, min(self._limit // LEASES_OF_A_MINUTE, rest // LEASES_OF_THE_REST))
        minute = datetime.fromtimestamp(account.minute * 60, UTC)
        with lent(self._pool) as connection:
            granted, account.taken = take(
                connection, _hash(key), minute=minute, wanted=wanted, most=self._limit
            )
            if account.minute - self._swept >= SWEPT_EVERY_MINUTES:
                self._swept = account.minute
                forget_before(connection, minute - KEPT)
        account.left = granted
        account.is_spent = granted == 0


def _hash(key: Key) -> bytes:
    """The shared count must not say who asks."""
    return hashlib.sha256("\x00".join(part or "" for part in key).encode()).digest()
