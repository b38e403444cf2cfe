"""Remote jobs: what a worker of another system reports of a job. It knows the job's id only: whoever holds the lease
now is believed, as the protocol of such workers has no number of the try.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine import dispatch
from engine.actor import SYSTEM
from engine.apply import marks, memory, remote
from engine.apply.memory import KnownJob
from engine.commands import CompleteJob, FailJob, SetVariables, ThrowError
from engine.commit import Commit, committed
from engine.errors import EngineError, JobUnknown
from engine.jobs import LONGEST_ERROR
from engine.store.statements import transaction, value

OVER = ("done", "cancelled")


class JobNotHeld(EngineError):
    """Expected a job that a worker has activated, but nobody has, or its tries are used up."""


async def complete(job_id: UUID, variables: dict[str, Any], now: datetime) -> None:
    """The work is done. Raises `JobUnknown` (also when it is over), `JobNotHeld`."""

    async def work(commit: Commit) -> None:
        job = await _held(commit, job_id)
        commit.end_job(job_id, job.attempt, "done", None, job.retries)
        await dispatch.advance_if_waiting(commit, job.instance_id, CompleteJob(token=job.token, variables=variables))

    await committed(work, SYSTEM, now)


async def throw_error(job_id: UUID, code: str, message: str, variables: dict[str, Any], now: datetime) -> None:
    """The work has a modelled outcome. Raises `JobUnknown`, `JobNotHeld`."""

    async def work(commit: Commit) -> None:
        job = await _held(commit, job_id)
        commit.end_job(job_id, job.attempt, "done", f"{code}: {message}"[:LONGEST_ERROR], job.retries)
        command = ThrowError(token=job.token, code=code, message=message, variables=variables)
        await dispatch.advance_if_waiting(commit, job.instance_id, command)

    await committed(work, SYSTEM, now)


async def fail(
    job_id: UUID, retries: int, error: str, now: datetime, *, back_off: timedelta, variables: dict[str, Any]
) -> None:
    """A try failed: `retries` are left, the next one `back_off` from now; with none left an incident opens.

    Raises `JobUnknown`, `JobNotHeld`.
    """
    told = error[:LONGEST_ERROR]

    async def work(commit: Commit) -> None:
        job = await _held(commit, job_id)
        if variables:
            # Two writes, which must both be or neither.
            commit.needs_locks()
            command = SetVariables(variables=variables, token=job.token)
            await dispatch.advance_if_waiting(commit, job.instance_id, command)
        if retries <= 0:
            commit.end_job(job_id, job.attempt, "failed", told, 0)
            await dispatch.advance_if_waiting(commit, job.instance_id, FailJob(token=job.token, message=told))
            return
        memory.jobs.forget(job_id)
        if not await marks.requeue_job(job_id, job.attempt, now + back_off, retries, told):
            commit.be_sure()
            raise JobNotHeld(job_id=job_id)

    await committed(work, SYSTEM, now)


async def update(job_id: UUID, now: datetime, *, retries: int | None, timeout: timedelta | None) -> None:
    """Change how many tries are left, or how long the lease lasts from now. Raises `JobUnknown`, `JobNotHeld`."""
    async with transaction():
        memory.jobs.forget(job_id)
        attempt = await value(
            "SELECT attempt FROM engine_job WHERE id = $1 AND NOT state = ANY($2::text[])", job_id, list(OVER)
        )
        if attempt is None:
            raise JobUnknown(job_id=job_id)
        if retries is not None:
            await remote.set_tries(job_id, retries)
        if timeout is not None and not await marks.renew_job(job_id, attempt, now + timeout):
            raise JobNotHeld(job_id=job_id)


async def _held(commit: Commit, job_id: UUID) -> KnownJob:
    found = await commit.job(job_id)
    state, job = found or ("done", None)
    if job is None or state in OVER:
        commit.be_sure()
        raise JobUnknown(job_id=job_id)
    if state != "leased":
        commit.be_sure()
        raise JobNotHeld(job_id=job_id)
    return job
