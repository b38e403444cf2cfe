"""Background: runs the queue of work that belongs to no case (notifications, purges) with pgqueuer, until told to
stop.

Starts over after the database was away. What the jobs do is the desk's business (`desk.background`).
"""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Job, Schedule

from accounts import absences
from api import evaluations
from api.webhooks import register
from connectors import housekeeping
from desk import background
from desk.files import FileStore
from server.chores import deliver_of
from server.opened import Opened

RETRY_SECONDS = 2.0
DRAIN_SECONDS = 20.0
_log = structlog.get_logger()


async def run_background(town: Opened, stop: asyncio.Event) -> None:
    """Work until `stop` is set; then end what has begun."""
    while not stop.is_set():
        queue = queue_of(town)
        working = asyncio.create_task(queue.run(dequeue_timeout=timedelta(seconds=5)))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        waiting.cancel()
        if not working.done():
            await asyncio.wait({working}, timeout=DRAIN_SECONDS)
            working.cancel()
        outcome = (await asyncio.gather(working, return_exceptions=True))[0]
        if isinstance(outcome, Exception) and not stop.is_set():
            _log.warning("background_interrupted", error=type(outcome).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)


def queue_of(town: Opened) -> PgQueuer:
    """A queue that knows the desk's jobs and calendar."""
    assert town.database.pool is not None
    queue = PgQueuer.from_asyncpg_pool(town.database.pool)
    send = deliver_of(town)
    for name, function in background.job_kinds(send, town.clock).items():
        _register_job(queue, name, function)
    files = FileStore(town.settings.data_dir / "files")
    for name, (expression, function) in background.periodic(send, files, town.clock).items():
        _register_periodic(queue, name, expression, function)
    _register_periodic(queue, "forget_absences", "44 3 * * *", lambda: absences.forget_old(town.clock().date()))
    _register_periodic(queue, "forget_calls", "41 3 * * *", lambda: housekeeping.forget_old(town.clock()))
    _register_periodic(queue, "forget_deliveries", "47 3 * * *", lambda: register.forget_old(town.clock()))
    _register_periodic(queue, "forget_evaluations", "49 3 * * *", lambda: evaluations.forget_old(town.clock()))
    return queue


def _register_job(queue: PgQueuer, name: str, function: background.JobFunction) -> None:
    async def run(job: Job) -> None:
        await function(job.payload)

    queue.entrypoint(name)(run)


def _register_periodic(queue: PgQueuer, name: str, expression: str, function: Any) -> None:
    async def run(schedule: Schedule) -> None:
        done = await function()
        if done:
            _log.info("background_done", chore=name, count=done)

    queue.schedule(name, expression)(run)
