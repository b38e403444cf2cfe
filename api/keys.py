"""Keys: the 64-bit numbers by which machine clients name what Parvis names by UUID. Derived, not stored: no column, no
index.

A UUID of ours (version 7, `engine.ids`) begins with 48 bits of time and a counter of 22. A key is those, the time
counted from 2020 in 41 bits; the UUIDs of a key are one span of the primary key. docs/adr/0030 says why.
"""

import re
from uuid import UUID

from engine.ids import COUNTER_BITS, NOISE_BITS

EPOCH = 1_577_836_800_000
"""2020-01-01 in milliseconds since 1970: until 2089 a key fits a signed 64-bit number."""
_HEAD = COUNTER_BITS - 10
_LARGEST = (1 << 63) - 1
_TEXT = re.compile(r"-?[0-9]{1,19}")


def key_of(id: UUID) -> str:
    """The key of a UUID, as the text clients exchange."""
    return str(number_of(id))


def number_of(id: UUID) -> int:
    """The key of a UUID."""
    bits = id.int
    counter = (bits >> 64 & (1 << _HEAD) - 1) << 10 | bits >> NOISE_BITS & 0x3FF
    return (bits >> 80) - EPOCH << COUNTER_BITS | counter


def maybe_key(id: UUID | None) -> str | None:
    """The key of a UUID that may be absent."""
    return None if id is None else key_of(id)


def span_of(key: int) -> tuple[UUID, UUID]:
    """The first and the last UUID of a key. A key no UUID of ours can have gives an empty span."""
    milliseconds, counter = (key >> COUNTER_BITS) + EPOCH, key & (1 << COUNTER_BITS) - 1
    if not 0 <= milliseconds < 1 << 48:
        return UUID(int=1), UUID(int=0)
    head, tail = counter >> 10, counter & 0x3FF
    least = milliseconds << 80 | 0x7 << 76 | head << 64 | 0b10 << 62 | tail << NOISE_BITS
    return UUID(int=least), UUID(int=least | (1 << NOISE_BITS) - 1)


def read_key(text: str) -> int | None:
    """The number in a key's text; None when it is no key."""
    if not _TEXT.fullmatch(text):
        return None
    number = int(text)
    return number if -_LARGEST <= number <= _LARGEST else None
