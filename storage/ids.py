"""Ids in the order of their making: UUID version 7 (RFC 9562, section 5.7)."""

import secrets
import time
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


def new_id() -> UUID:
    """A new id, for the edge: everything below takes the function as an argument."""
    return uuid_v7(time.time_ns() // 1_000_000, secrets.randbits(74))
