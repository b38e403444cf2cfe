"""Identifiers of this floor: UUIDs ordered by time (RFC 9562, version 7), so that indexes grow at their end."""

import secrets
from datetime import datetime
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)

_VERSION_7, _VARIANT = 0x7 << 76, 0b10 << 62


def new_id(now: datetime) -> UUID:
    """A new identifier: 48 bits of milliseconds, then 74 random bits."""
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    return UUID(int=milliseconds << 80 | _VERSION_7 | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62))
