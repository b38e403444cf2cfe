"""Runner: leases jobs and has their connectors do them, outside any transaction, then reports. At-least-once: a
connector sends its job's id to the other side. A job whose connection is busy or rests is given back without losing a
try. Never decides about retries beyond what `engine.jobs` does. Started by `server.worker`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import structlog

from connectors import admission, redaction
from connectors.errors import ConnectorError
from connectors.toolbox import Toolbox
from engine import jobs, quarantine
from engine.bpmn.errors import VariablesTooLarge
from engine.connector import BusinessError, Connector, Failure, Job, JobOutcome, TryLater
from engine.errors import JobUnknown, LeaseLost
from engine.feel.sentences import Sentence
from engine.jobs import LeasedJob

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

PATIENCE = 1.0
"""Seconds for which a full runner waits for a free slot before it is asked again."""
LINGER = 0.05
"""Seconds that the jobs leased together may take before others are leased for the free slots: quick ones share their
commits and cost one look, and a slow one holds up nobody longer than this."""
TOO_SLOW = "The other side did not answer within {0} seconds."
FAILED = "The connector failed ({0})."


class Runner:
    """Runs the jobs of `connectors` (job type → connector). `deadline` and `lease` in seconds. With a `toolbox`, calls
    go through the limits of their connection; `refresh` brings the connectors added since the last round.

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
        toolbox: Toolbox | None = None,
        refresh: Callable[[], Awaitable[Mapping[str, Connector]]] | None = None,
    ) -> None:
        self.connectors, self.clock, self.toolbox, self.refresh = dict(connectors), clock, toolbox, refresh
        self.worker, self.concurrency, self.deadline, self.lease_seconds = worker, concurrency, deadline, lease
        self._running: set[asyncio.Task[None]] = set()

    async def run_once(self, now: datetime) -> int:
        """Run what is due at `now`, at most `concurrency` jobs; returns how many. What it calls never raises here."""
        return await self._round(now, self.clock or (lambda: now))

    async def take(self, now: datetime) -> int:
        """Lease for the free slots and give quick jobs the time to end; slow ones run on beside the next. Returns how
        many were leased. With no slot free, waits for one for a while."""
        if len(self._running) >= self.concurrency:
            await asyncio.wait(self._running, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        leased = await self._lease(self.concurrency - len(self._running), now)
        clock = self.clock or (lambda: now)
        begun = [asyncio.create_task(self._work(each, clock)) for each in leased]
        for each in begun:
            self._running.add(each)
            each.add_done_callback(self._running.discard)
        if begun:
            await asyncio.wait(begun, timeout=LINGER)
        return len(leased)

    async def finish(self) -> None:
        """Let what runs end. Cancelled, it cuts what is left: its leases run out."""
        try:
            while self._running:
                await asyncio.wait(self._running)
        finally:
            for each in self._running:
                each.cancel()

    async def _lease(self, slots: int, now: datetime) -> list[LeasedJob]:
        if slots <= 0:
            return []
        if self.refresh is not None:
            self.connectors = dict(await self.refresh())
        return await jobs.lease(slots, self.worker, now, lease_seconds=self.lease_seconds, types=tuple(self.connectors))

    async def _round(self, now: datetime, clock: Clock) -> int:
        leased = await self._lease(self.concurrency, now)
        await asyncio.gather(*(self._work(each, clock) for each in leased))
        return len(leased)

    async def _work(self, leased: LeasedJob, clock: Clock) -> None:
        job = leased.job
        renewal = asyncio.create_task(self._renew(leased, clock()))
        try:
            await self._run(leased, clock)
        except (LeaseLost, JobUnknown):
            log.info("job_lease_lost", job_id=str(job.id), type=job.type)
        except Exception as failure:
            await self._not_reported(job, failure, clock())
        finally:
            renewal.cancel()

    async def _not_reported(self, job: Job, failure: Exception, now: datetime) -> None:
        """The lease runs out and the job comes back; an instance that cannot be moved is set aside first."""
        log.warning("job_not_reported", job_id=str(job.id), type=job.type, reason=type(failure).__name__)
        try:
            await quarantine.isolate_job(job.id, failure, now)
        except Exception as again:
            log.warning("instance_not_isolated", job_id=str(job.id), reason=type(again).__name__)

    async def _run(self, leased: LeasedJob, clock: Clock) -> None:
        job = leased.job
        with redaction.watched() as secrets:
            try:
                outcome = await self._call(job, clock)
            except BusinessError as error:
                said = _unhidden(error.sentence or error.message, redaction.redacted(error.message, job, secrets))
                await _reported(
                    job,
                    jobs.throw_error(job.id, job.attempt, error.code, clock(), message=said, variables=error.variables),
                    clock,
                )
            except TryLater as later:
                await jobs.postpone(job.id, job.attempt, clock() + later.delay, clock())
            except Exception as failure:
                reason = type(failure).__name__
                log.warning("job_failed", job_id=str(job.id), type=job.type, attempt=job.attempt, reason=reason)
                # Our own sentences hold no value: hiding the words of answers in them would only make them unreadable.
                said = self.told(failure)
                if not isinstance(failure, ConnectorError):
                    said = _unhidden(said, redaction.redacted(str(said), job, secrets, inputs=True))
                await jobs.fail(job.id, job.attempt, said, clock())
            else:
                await _reported(job, jobs.report(job.id, job.attempt, outcome, clock()), clock)

    async def _call(self, job: Job, clock: Clock) -> JobOutcome:
        """Have the connector do it, within the limits of its connection, which learns how it went."""
        connection = await self.toolbox.slug_of(job) if self.toolbox else None
        if connection is None or self.toolbox is None:
            return await self._run_within(job, clock)
        limits = await self.toolbox.limits_of(connection)
        tries = await admission.enter(connection, job.id, limits, clock())
        started, outcome, reason = asyncio.get_running_loop().time(), "failed", ""
        try:
            # Leases while the connection rested were no tries: connectors that give up after many count calls.
            done = await self._run_within(msgspec.structs.replace(job, attempt=tries), clock)
            outcome = "done"
            return done
        except BusinessError:
            outcome = "refused"
            raise
        except TryLater:
            outcome = "postponed"
            raise
        except Exception as failure:
            blamed = isinstance(failure, TimeoutError) or getattr(failure, "of_connection", False)
            reason = str(self.told(failure)) if blamed else ""
            raise
        finally:
            spent = int((asyncio.get_running_loop().time() - started) * 1000)
            await admission.leave(connection, job.id, outcome, clock(), milliseconds=spent, reason=reason)

    async def _run_within(self, job: Job, clock: Clock) -> JobOutcome:
        async with asyncio.timeout(self.deadline):
            return await self.connectors[job.type].run(job, clock())

    async def _renew(self, leased: LeasedJob, now: datetime) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            await asyncio.sleep(self.lease_seconds / 3)
            moment = now + timedelta(seconds=loop.time() - started)
            try:
                kept = await jobs.renew(leased.job.id, leased.job.attempt, moment, lease_seconds=self.lease_seconds)
            except Exception as failure:
                # The database is away for a moment: two more renewals are due before the lease runs out.
                log.info("lease_not_renewed", job_id=str(leased.job.id), reason=type(failure).__name__)
                continue
            if not kept:
                return

    def told(self, failure: Exception) -> Sentence | str:
        """What an administrator reads on the blocked case. Foreign errors give their name only: their text may hold
        personal data."""
        if isinstance(failure, Failure):
            return failure.said
        if isinstance(failure, TimeoutError):
            return Sentence(TOO_SLOW, (f"{self.deadline:.0f}",))
        return Sentence(FAILED, (type(failure).__name__,))


def _unhidden(said: Sentence | str, redacted: str) -> Sentence | str:
    """The sentence itself when nothing had to be hidden in it, so that it is read in any language."""
    return said if redacted == str(said) else redacted


async def _reported(job: Job, report: Awaitable[object], clock: Clock) -> None:
    """What the job brings back, or that it is more than the case may hold: a failure like others."""
    try:
        await report
    except VariablesTooLarge as refused:
        await jobs.fail(job.id, job.attempt, refused.sentence, clock())
