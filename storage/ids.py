"""Ids in the order of their making: UUID version 7 (RFC 9562, section 5.7)."""

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID


def uuid_v7(milliseconds: int, random_bits: int) -> UUID:
    """A UUID of the given Unix time in milliseconds and 74 random bits.

    >>> str(uuid_v7(0x017F22E279B0, (0xCC3 << 62) | 0x18C4DC0C0C07398F))
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f'
    """
    random_a = (random_bits >> 62) & 0xFFF
    random_b = random_bits & ((1 << 62) - 1)
    return UUID(
        int=(milliseconds & ((1 << 48) - 1)) << 80
        | 0x7 << 76
        | random_a << 64
        | 0b10 << 62
        | random_b
    )


class Ids:
    """Makes ids that never go back: within one millisecond, or where the clock was set back, the
    random part counts on. Safe to share between threads."""

    def __init__(self, milliseconds: Callable[[], int], random_bits: Callable[[], int]) -> None:
        self._milliseconds = milliseconds
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new_id(self) -> UUID:
        """The next id."""
        with self._lock:
            now = self._milliseconds()
            at, bits = self._last
            if now > at:
                # The top bit stays free, so that there is always room to count on.
                self._last = now, self._random_bits() & ((1 << 73) - 1)
            else:
                self._last = at, bits + 1
            return uuid_v7(*self._last)


_IDS = Ids(lambda: time.time_ns() // 1_000_000, lambda: secrets.randbits(74))


def new_id() -> UUID:
    """A new id, for the edge: everything below takes the function as an argument."""
    return _IDS.new_id()
