"""Remote jobs: what a worker of another system reports of a job. It knows the job's id only: whoever holds the lease
now is believed, as the protocol of such workers has no number of the try.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine import dispatch, jobs
from engine.actor import SYSTEM
from engine.apply import marks, remote
from engine.bpmn.errors import NotWaiting
from engine.commands import FailJob, SetVariables
from engine.connector import JobOutcome
from engine.errors import EngineError, JobUnknown
from engine.store.statements import transaction

LONGEST_ERROR = 1000


class JobNotHeld(EngineError):
    """Expected a job that a worker has activated, but nobody has, or its tries are used up."""


async def complete(job_id: UUID, variables: dict[str, Any], now: datetime) -> None:
    """The work is done. Raises `JobUnknown` (also when it is over), `JobNotHeld`."""
    async with transaction():
        job = await _held(job_id)
        await jobs.complete(job_id, job["attempt"], JobOutcome(variables=variables), now)


async def throw_error(job_id: UUID, code: str, message: str, variables: dict[str, Any], now: datetime) -> None:
    """The work has a modelled outcome. Raises `JobUnknown`, `JobNotHeld`."""
    async with transaction():
        job = await _held(job_id)
        await jobs.throw_error(job_id, job["attempt"], code, now, message, variables)


async def fail(
    job_id: UUID, retries: int, error: str, now: datetime, *, back_off: timedelta, variables: dict[str, Any]
) -> None:
    """A try failed: `retries` are left, the next one `back_off` from now; with none left an incident opens.

    Raises `JobUnknown`, `JobNotHeld`.
    """
    async with transaction():
        job, told = await _held(job_id), error[:LONGEST_ERROR]
        if variables:
            await _carry(job, SetVariables(variables=variables, token=job["token"]), now)
        if retries > 0:
            await marks.requeue_job(job_id, job["attempt"], now + back_off, retries, told)
            return
        await marks.end_job(job_id, job["attempt"], "failed", told, 0, now)
        await _carry(job, FailJob(token=job["token"], message=told), now)


async def update(job_id: UUID, now: datetime, *, retries: int | None, timeout: timedelta | None) -> None:
    """Change how many tries are left, or how long the lease lasts from now. Raises `JobUnknown`, `JobNotHeld`."""
    async with transaction():
        job = await marks.lock_job(job_id)
        if job is None or job["state"] in ("done", "cancelled"):
            raise JobUnknown(job_id=job_id)
        if retries is not None:
            await remote.set_tries(job_id, retries)
        if timeout is not None and not await marks.renew_job(job_id, job["attempt"], now + timeout):
            raise JobNotHeld(job_id=job_id)


async def _held(job_id: UUID) -> Any:
    job = await marks.lock_job(job_id)
    if job is None or job["state"] in ("done", "cancelled"):
        raise JobUnknown(job_id=job_id)
    if job["state"] != "leased":
        raise JobNotHeld(job_id=job_id)
    return job


async def _carry(job: Any, command: FailJob | SetVariables, now: datetime) -> None:
    try:
        await dispatch.carry(job["instance_id"], command, SYSTEM, now)
    except NotWaiting as moved:
        raise JobUnknown(job_id=job["id"]) from moved
