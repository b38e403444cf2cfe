"""A real, migrated database for a run of a suite, that begins every case empty."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from engine.store.statements import rows, run
from server.database import bind, open_database
from server.embedded import attach
from server.migrate import migrate

Result = TypeVar("Result")


def with_database(work: Callable[[], Awaitable[Result]]) -> Result:
    """Runs `work` over an embedded PostgreSQL of its own, and removes it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-conformance-"))
    try:
        with attach(folder, durable=False) as servers:
            return asyncio.run(_connected(servers.database_url, work))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def empty() -> None:
    """Deletes what earlier cases left."""
    found = await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'engine\\_%'")
    await run(f"TRUNCATE {', '.join(record['tablename'] for record in found)} CASCADE")


async def _connected(url: str, work: Callable[[], Awaitable[Result]]) -> Result:
    database = await open_database(url, pool_size=4)
    try:
        await migrate(database)
        bind(database)
        return await work()
    finally:
        await database.close()
        bind(None)
