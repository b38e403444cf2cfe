"""Runner: leases jobs and has their connectors do them, outside any transaction, then reports. At-least-once: a
connector sends its
job's id to the other side. Never decides about retries beyond what `engine.jobs` does. Started by `server.worker`.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from connectors.errors import ConnectorError
from engine import jobs
from engine.connector import BusinessError, Connector, TryLater
from engine.errors import JobUnknown, LeaseLost
from engine.jobs import LeasedJob

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

POLL = 1.0
"""Seconds between two looks when no hint comes."""


class Runner:
    """Runs the jobs of `connectors` (job type → connector). `deadline` and `lease` in seconds.

    Reports are dated by `clock`; without one, by the `now` of the round (tests, a town with a moved clock).
    """

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        *,
        worker: str,
        concurrency: int = 8,
        deadline: float = 60.0,
        lease: float = 90.0,
        clock: Clock | None = None,
    ) -> None:
        self.connectors, self.clock = dict(connectors), clock
        self.worker, self.concurrency, self.deadline, self.lease_seconds = worker, concurrency, deadline, lease

    async def run_once(self, now: datetime) -> int:
        """Run what is due at `now`, at most `concurrency` jobs; returns how many. What it calls never raises here."""
        return await self._round(now, self.clock or (lambda: now))

    async def run(self, stop: asyncio.Event, clock: Clock, wake: asyncio.Event | None = None) -> None:
        """Run until `stop`; `wake` (set by a hint) shortens the pause. What runs when `stop` comes is finished
        first."""
        while not stop.is_set():
            try:
                worked = await self._round(clock(), clock)
            except Exception as failure:  # the database is away, perhaps: leases run out by themselves
                log.warning("jobs_not_leased", reason=type(failure).__name__)
                worked = 0
            if not worked:
                await self._pause(stop, wake)

    async def _round(self, now: datetime, clock: Clock) -> int:
        leased = await jobs.lease(
            self.concurrency, self.worker, now, lease_seconds=self.lease_seconds, types=tuple(self.connectors)
        )
        await asyncio.gather(*(self._work(each, clock) for each in leased))
        return len(leased)

    async def _pause(self, stop: asyncio.Event, wake: asyncio.Event | None) -> None:
        waits = [asyncio.create_task(each.wait()) for each in (stop, wake) if each is not None]
        await asyncio.wait(waits, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        if wake is not None:
            wake.clear()

    async def _work(self, leased: LeasedJob, clock: Clock) -> None:
        job = leased.job
        renewal = asyncio.create_task(self._renew(leased, clock()))
        try:
            await self._run(leased, clock)
        except (LeaseLost, JobUnknown):
            log.info("job_lease_lost", job_id=str(job.id), type=job.type)
        except Exception as failure:
            # The report did not reach the database: the lease runs out and the job comes back.
            log.warning("job_not_reported", job_id=str(job.id), type=job.type, reason=type(failure).__name__)
        finally:
            renewal.cancel()

    async def _run(self, leased: LeasedJob, clock: Clock) -> None:
        job = leased.job
        try:
            async with asyncio.timeout(self.deadline):
                outcome = await self.connectors[job.type].run(job, clock())
        except BusinessError as error:
            await jobs.throw_error(
                job.id, job.attempt, error.code, clock(), message=error.message, variables=error.variables
            )
        except TryLater as later:
            await jobs.postpone(job.id, job.attempt, clock() + later.delay, clock())
        except Exception as failure:
            log.warning(
                "job_failed", job_id=str(job.id), type=job.type, attempt=job.attempt, reason=type(failure).__name__
            )
            await jobs.fail(job.id, job.attempt, self.told(failure), clock())
        else:
            await jobs.complete(job.id, job.attempt, outcome, clock())

    async def _renew(self, leased: LeasedJob, now: datetime) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            moment = now + timedelta(seconds=loop.time() - started)
            if not await jobs.renew(leased.job.id, leased.job.attempt, moment, lease_seconds=self.lease_seconds):
                return

    def told(self, failure: Exception) -> str:
        """What an administrator reads on the blocked case. Foreign errors give their name only: their text may hold
        personal data."""
        if isinstance(failure, ConnectorError):
            return str(failure)
        if isinstance(failure, TimeoutError):
            return f"The other side did not answer within {self.deadline:.0f} seconds."
        return f"The connector failed ({type(failure).__name__})."
