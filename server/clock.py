"""Clock: the one place of the server where the time is read. Everything else receives `now`
(docs/adr/0004-moved-clock.md).

All processes of a town share one clock, that of its database: a host whose own clock is wrong, or is moved, fires no
timer early and keeps no lease too long.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

Clock = Callable[[], datetime]
Ask = Callable[[], Awaitable[datetime]]

LOOK_SECONDS = 30.0
# A slow answer says little about the time at which it was given.
SLOWEST_ANSWER = 0.5
_TICKING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

_log = structlog.get_logger()


def wall_clock() -> datetime:
    """The real time of this machine, aware, in UTC. Stands for the shared clock where no database is open."""
    return datetime.now(UTC)


class SharedClock:
    """The database's time: asked now and then, and counted in between by what no change of clock touches."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._began = datetime.now(UTC) - _elapsed()

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return self._began + _elapsed()

    async def look(self, slowest: float = SLOWEST_ANSWER) -> None:
        """Ask the database; an answer that took longer than `slowest` seconds changes nothing."""
        asked = _elapsed()
        told = await self._ask()
        heard = _elapsed()
        if (heard - asked).total_seconds() <= slowest:
            self._began = told - (asked + heard) / 2

    async def follow(self) -> None:
        """Ask again and again, for ever; a database that is away is asked later."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception as failure:
                _log.debug("clock_not_compared", error=type(failure).__name__)


@asynccontextmanager
async def following(ask: Ask) -> AsyncIterator[SharedClock]:
    """A shared clock that is compared for as long as the block lasts."""
    clock = SharedClock(ask)
    await clock.look(slowest=60)
    task = asyncio.create_task(clock.follow(), name="shared-clock")
    try:
        yield clock
    finally:
        task.cancel()


def _elapsed() -> timedelta:
    return timedelta(seconds=time.clock_gettime(_TICKING))
