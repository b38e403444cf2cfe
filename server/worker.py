"""Worker: does the chores of the town until told to stop: connector jobs, due timers, background jobs.

Every chore looks in the database; a hint only makes it look sooner, so nothing waits longer than a second without
Valkey. Stopping lets what has begun end. Any number of workers share one database (rows are claimed with SKIP
LOCKED).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec
import structlog

from server.clock import Clock

POLL_SECONDS = 1.0
LONGEST_PAUSE = 10.0
DRAIN_SECONDS = 25.0

_log = structlog.get_logger()


class Chore(msgspec.Struct, frozen=True):
    """One kind of work: `run(now)` does what is due and returns how much; `topics` are its hints. What it has begun and
    not waited for, `finish` waits for when the worker stops."""

    name: str
    run: Callable[[datetime], Awaitable[int]]
    topics: tuple[str, ...] = ()
    finish: Callable[[], Awaitable[None]] | None = None


class Worker:
    """The loops of one process, one for each chore."""

    def __init__(self, chores: Sequence[Chore], clock: Clock, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._chores = chores
        self._clock = clock
        self._poll = poll_seconds
        self._stopping = asyncio.Event()
        self._wakes = {chore.name: asyncio.Event() for chore in chores}

    def hear(self, topic: str) -> None:
        """Look sooner: a hint has come. Made to be given to `HintChannels.listen`."""
        for chore in self._chores:
            if topic in chore.topics:
                self._wakes[chore.name].set()

    def stop(self) -> None:
        """Begin no new work; `run` returns once what has begun has ended."""
        self._stopping.set()
        for wake in self._wakes.values():
            wake.set()

    async def run(self) -> None:
        """Work until `stop`; what has not ended `DRAIN_SECONDS` later is cut: its lease runs out."""
        loops = [asyncio.create_task(self._loop(chore), name=f"chore-{chore.name}") for chore in self._chores]
        try:
            await self._stopping.wait()
            _, late = await asyncio.wait(loops, timeout=DRAIN_SECONDS) if loops else (set(), set())
            for task in late:
                _log.warning("chore_cut", chore=task.get_name())
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        _log.info("worker_stopped")

    async def _loop(self, chore: Chore) -> None:
        pause = self._poll
        while not self._stopping.is_set():
            wake = self._wakes[chore.name]
            wake.clear()
            try:
                done = await chore.run(self._clock())
                pause = self._poll
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                # The database is away or restarting: it is the operator's to mend, and ours to wait.
                done, pause = 0, min(pause * 2, LONGEST_PAUSE)
                _log.warning("chore_waits_for_database", chore=chore.name, error=type(error).__name__, seconds=pause)
            except Exception as error:
                done, pause = 0, min(pause * 2, LONGEST_PAUSE)
                _log.error("chore_failed", chore=chore.name, error=type(error).__name__, exc_info=error)
            if not done:
                await self._rest(wake, pause)
        if chore.finish is not None:
            await chore.finish()

    async def _rest(self, wake: asyncio.Event, seconds: float) -> None:
        if self._stopping.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return
