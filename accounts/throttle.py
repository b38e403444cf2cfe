"""Throttle: how often somebody may try. Counted in Valkey for all processes together, in this process when Valkey
is away.

Counters are incremented atomically before the try they count, so that fifty tries at once are fifty tries.
"""

import hashlib
from datetime import UTC, datetime

import msgspec

from accounts.cache import Cache, Unavailable
from accounts.errors import TooManyTries


class Limit(msgspec.Struct, frozen=True):
    """At most `tries` in each window of `seconds`, for one subject (an account, a network address, a code)."""

    name: str
    tries: int
    seconds: int


SIGN_IN_ACCOUNT = Limit("sign-in-account", 6, 900)
SIGN_IN_ADDRESS = Limit("sign-in-address", 30, 900)
RESET_ACCOUNT = Limit("reset-account", 3, 3600)
RESET_ADDRESS = Limit("reset-address", 10, 3600)
TRACKING_CODE = Limit("tracking-code", 5, 900)
TRACKING_ADDRESS = Limit("tracking-address", 20, 900)
FILING_ADDRESS = Limit("filing-address", 30, 3600)
RESUME_DRAFT = Limit("resume-draft", 5, 3600)
RESUME_RECIPIENT = Limit("resume-recipient", 5, 3600)
RESUME_ADDRESS = Limit("resume-address", 10, 3600)
UPLOAD_ADDRESS = Limit("upload-address", 60, 3600)
ADDRESSES_ADDRESS = Limit("addresses-address", 300, 600)

_MOST_SUBJECTS = 50_000


class Throttle:
    """Counts tries. One per process; the counters of its own are only used while Valkey is away."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._own: dict[str, int] = {}

    async def count(self, limit: Limit, subject: str, now: datetime) -> None:
        """Counts one try. Raises `TooManyTries` with the moment the next one is allowed."""
        window = int(now.timestamp()) // limit.seconds
        key = _key(limit, subject, window)
        try:
            tries = await self._cache.count(key, limit.seconds)
        except Unavailable:
            tries = self._count_here(key)
        if tries > limit.tries:
            raise TooManyTries(datetime.fromtimestamp((window + 1) * limit.seconds, UTC))

    async def forget(self, limit: Limit, subject: str, now: datetime) -> None:
        """Starts again from zero: the subject has proved who they are."""
        key = _key(limit, subject, int(now.timestamp()) // limit.seconds)
        self._own.pop(key, None)
        await self._cache.drop(key)

    def _count_here(self, key: str) -> int:
        if len(self._own) >= _MOST_SUBJECTS:
            self._own.clear()
        self._own[key] = self._own.get(key, 0) + 1
        return self._own[key]


def _key(limit: Limit, subject: str, window: int) -> str:
    # Hashed: neither addresses nor codes belong in a cache server's memory or logs.
    digest = hashlib.sha256(subject.strip().lower().encode()).hexdigest()[:32]
    return f"parvis:throttle:{limit.name}:{digest}:{window}"
