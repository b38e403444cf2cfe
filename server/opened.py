"""Opened: what one process holds while it runs: the bound database, Valkey, the hint channels, the clock.

Used by `server.app`, `server.worker` and the commands, which pass it on as an argument.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from valkey.asyncio import Valkey

from engine.bpmn.sizes import MEGABYTE, limit_variables
from engine.wake import Hint, on_wake
from server.channels import TIMEOUT_SECONDS, HintChannels
from server.clock import Clock, following, wall_clock
from server.database import Database, bind, open_database
from server.embedded import Servers, attach
from server.errors import DatabaseUnreachable
from server.settings import Settings

START_SECONDS = 30.0


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Open connections of this process. `valkey` is absent when the town runs without it."""

    settings: Settings
    database: Database
    valkey: Valkey | None
    channels: HintChannels
    clock: Clock


class Attached:
    """The embedded servers, when this process needs them: DATABASE_URL takes their place. Use as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._servers: Servers | None = None
        self._given = settings

    def __enter__(self) -> Settings:
        given = self._given
        if given.database_url is not None:
            return given
        self._servers = attach(Path(given.data_dir))
        return msgspec.structs.replace(
            given,
            database_url=self._servers.database_url,
            valkey_url=given.valkey_url or self._servers.valkey_url,
        )

    def __exit__(self, *_: object) -> None:
        if self._servers is not None:
            with closing(self._servers):
                self._servers = None


@asynccontextmanager
async def opened(
    settings: Settings, *, channels: HintChannels | None = None, clock: Clock = wall_clock
) -> AsyncIterator[Opened]:
    """Open the database (waiting while it starts), bind every table, plug the hints in; close all on the way out.

    Without a clock of its own (a town being played, a test), the town's is that of its database.
    """
    if settings.database_url is None:
        raise DatabaseUnreachable("Expected DATABASE_URL or attached embedded servers, but there is no address.")
    database = await open_database(settings.database_url, pool_size=settings.pool_size, wait_seconds=START_SECONDS)
    bind(database)
    limit_variables(settings.case_megabytes * MEGABYTE)
    valkey = open_valkey(settings.valkey_url)
    channels = channels or HintChannels(settings.valkey_url)
    await channels.on_startup()

    async def publish(hint: Hint) -> None:
        await channels.publish(b"", [hint.topic])

    on_wake(publish)
    try:
        async with AsyncExitStack() as stack:
            if clock is wall_clock:
                clock = await stack.enter_async_context(following(partial(time_of, database)))
            yield Opened(settings=settings, database=database, valkey=valkey, channels=channels, clock=clock)
    finally:
        on_wake(None)
        limit_variables()
        await channels.on_shutdown()
        if valkey is not None:
            await valkey.aclose()
        await database.close()


async def time_of(database: Database) -> datetime:
    """The database server's own time."""
    [row] = await database._run_in_pool("SELECT clock_timestamp() AS now")
    told: datetime = row["now"]
    return told


def open_valkey(url: str | None) -> Valkey | None:
    """Return a client that gives up after a quarter of a second, or None without an address. Connects on first use."""
    if url is None:
        return None
    return Valkey.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
