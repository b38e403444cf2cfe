"""Cache: Valkey, never needed and never waited for. The truth is in PostgreSQL; every call here ends within 250 ms.

After a failure Valkey is left alone for two seconds, so that a dead server costs one slow request and not all of them.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

TIMEOUT_SECONDS, PAUSE_SECONDS = 0.25, 2.0

Answer = TypeVar("Answer")


class Unavailable(Exception):
    """Valkey is absent, slow or down."""


class Cache:
    """A few operations over an optional client; each answers None, or raises `Unavailable`, when Valkey does not."""

    def __init__(self, client: Valkey | None) -> None:
        self._client = client
        self._silent_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """The bytes under a key, if any can be had."""
        try:
            return await self._ask(self._valkey().get(key))
        except Unavailable:
            return None

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keeps bytes for a while, or does nothing."""
        try:
            await self._ask(self._valkey().set(key, value, ex=seconds))
        except Unavailable:
            return

    async def drop(self, *keys: str) -> None:
        """Forgets keys, or does nothing: callers must keep lifetimes short."""
        if not keys:
            return
        try:
            await self._ask(self._valkey().delete(*keys))
        except Unavailable:
            return

    async def count(self, key: str, seconds: int) -> int:
        """Adds one to a counter that lives `seconds`, atomically, and returns it. Raises `Unavailable`."""
        pipeline: Any = self._valkey().pipeline(transaction=True)
        pipeline.incr(key)
        pipeline.expire(key, seconds, nx=True)
        answers: list[int] = await self._ask(pipeline.execute())
        return int(answers[0])

    def _valkey(self) -> Valkey:
        # The monotonic clock measures the machine, not the town: a moved town clock must not keep Valkey away.
        if self._client is None or time.monotonic() < self._silent_until:
            raise Unavailable
        return self._client

    async def _ask(self, question: Awaitable[Answer]) -> Answer:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await question
        except (TimeoutError, OSError, ValkeyError) as error:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            raise Unavailable from error
