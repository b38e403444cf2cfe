"""Ids: UUIDs that sort by the time they were made (RFC 9562, version 7), from the caller's clock.

Their first 70 free bits, time and a counter, also make the 64-bit keys of `api.keys`: two ids of one process never
share them.
"""

import itertools
import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from asyncpg.pgproto import pgproto  # pyright: ignore[reportMissingTypeStubs]

COUNTER_BITS, NOISE_BITS = 22, 52
# The kind that PostgreSQL's driver reads and writes: a `uuid.UUID`, several times quicker to send, compare and look up.
_of_bytes: Callable[[bytes], UUID] = pgproto.UUID
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
# Begins anywhere, so that the counters of two processes hardly ever meet within a millisecond.
_numbers = itertools.count(secrets.randbits(COUNTER_BITS))


def new_id(now: datetime) -> UUID:
    """A version 7 UUID: 48 bits of `now` in milliseconds, a counter of 22 bits (RFC 9562, 6.2), 52 random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    number = next(_numbers) & ((1 << COUNTER_BITS) - 1)
    # The counter lies in the 12 bits of `rand_a` and the first 10 of `rand_b`.
    head, tail = number >> 10, (number & 0x3FF) << NOISE_BITS | secrets.randbits(NOISE_BITS)
    return _of_bytes((milliseconds << 80 | _VERSION | head << 64 | _VARIANT | tail).to_bytes(16))
