"""Ids: UUIDs that sort by the time they were made (RFC 9562, version 7), from the caller's clock."""

import secrets
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(now: datetime) -> UUID:
    """A version 7 UUID: 48 bits of `now` in milliseconds, then 74 random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    noise = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | _VERSION | (noise >> 62) << 64 | _VARIANT | noise & ((1 << 62) - 1))
