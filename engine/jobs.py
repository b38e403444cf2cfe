"""Jobs: work a connector does for a case. Leasing is at-least-once; the job id is the idempotency key a connector
sends.

Never calls a connector: see `connectors.runner`. A report that comes twice, or after the element was interrupted,
changes nothing.
"""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from engine import dispatch, quarantine
from engine.actor import SYSTEM
from engine.apply import marks, memory
from engine.apply.memory import KnownJob
from engine.bpmn.events.calendar import read_span
from engine.commands import CompleteJob, FailJob, ThrowError
from engine.commit import Commit, committed
from engine.connector import Job, JobOutcome
from engine.encoding import parse_json
from engine.errors import JobUnknown, LeaseLost
from engine.feel.sentences import Sentence
from engine.store.statements import value
from engine.together import Together
from engine.turns import Turns

FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)
GROWTH = 4
JITTER = 0.2
BACKOFF = "retryBackoff"
MOST_LOST = 5
ABANDONED = "Its worker stopped each time before it could report; look in the logs of the workers, then try again."
LONGEST_ERROR = 1000

NEXT_DUE = "SELECT min(due_at) FROM engine_job WHERE state IN ('queued', 'leased') AND due_at < 'infinity'"

_turns = Turns()
# Each case reports in one of two lanes, so that one is prepared while the other is written, and no case meets itself.
_lanes = (Together(SYSTEM), Together(SYSTEM))


class LeasedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job this worker may run until `leased_until`."""

    job: Job
    leased_until: datetime
    queued_at: datetime


async def lease(
    limit: int,
    worker: str,
    now: datetime,
    lease_seconds: float = 60,
    types: tuple[str, ...] | None = None,
    procedures: tuple[str, ...] | None = None,
) -> list[LeasedJob]:
    """Lease due jobs of these types and procedures (None: all): high priority first, then the longest due, and each
    procedure in its turn, so that none waits for the thousands of another. A job whose lease has run out is leased
    again; one that was never heard of `MOST_LOST` times in a row is an incident instead.
    """
    until = now + timedelta(seconds=lease_seconds)
    found = await marks.lease_jobs(limit, worker, now, until, types, _turns.of(worker), procedures)
    _turns.note(worker, (record["procedure"] for record in found), is_full=len(found) >= limit)
    for record in found:
        memory.jobs.remember(record["id"], KnownJob(**{name: record[name] for name in KnownJob.__struct_fields__}))
        if record["lost"] >= MOST_LOST:
            await _abandon(record["id"], record["attempt"], now)
    kept = [record for record in found if record["lost"] < MOST_LOST]
    return [LeasedJob(job=_job(record), leased_until=until, queued_at=record["queued_at"]) for record in kept]


async def renew(job_id: UUID, attempt: int, now: datetime, lease_seconds: float = 60) -> bool:
    """Keep a lease while the work runs. False: it is lost, or the job is over."""
    return await marks.renew_job(job_id, attempt, now + timedelta(seconds=lease_seconds))


async def next_due() -> datetime | None:
    """When the next job may be leased; those of suspended instances may not."""
    due: datetime | None = await value(NEXT_DUE)
    return due


async def complete(job_id: UUID, attempt: int, outcome: JobOutcome, now: datetime) -> bool:
    """Report success: the case moves on. False: the job was over already. Raises `LeaseLost`, `JobUnknown`."""
    return await committed(lambda commit: completed(commit, job_id, attempt, outcome), SYSTEM, now)


async def report(job_id: UUID, attempt: int, outcome: JobOutcome, now: datetime) -> bool:
    """The same as `complete`, in a commit shared with the reports that arrive meanwhile: for runners."""
    known = memory.jobs.recall(job_id)
    lane = _lanes[0 if known is None else known.case_id.int % len(_lanes)]
    done: bool = await lane.do(lambda commit: completed(commit, job_id, attempt, outcome), now)
    return done


async def completed(commit: Commit, job_id: UUID, attempt: int, outcome: JobOutcome) -> bool:
    """The same as `complete`, as a part of this commit."""
    job = await _held(commit, job_id, attempt)
    if job is None:
        return False
    commit.end_job(job_id, attempt, "done", None, job.retries)
    for fact, parameters in outcome.facts:
        commit.note(job.case_id, fact, parameters)
    command = CompleteJob(token=job.token, variables=outcome.variables, case=outcome.case)
    return await dispatch.advance_if_waiting(commit, job.instance_id, command)


async def throw_error(
    job_id: UUID,
    attempt: int,
    code: str,
    now: datetime,
    message: Sentence | str = "",
    variables: dict[str, Any] | None = None,
) -> bool:
    """Report a modelled outcome: it becomes a BPMN error. False: the job was over already. Raises `LeaseLost`,
    `JobUnknown`.
    """

    async def work(commit: Commit) -> bool:
        job = await _held(commit, job_id, attempt)
        if job is None:
            return False
        commit.end_job(job_id, attempt, "done", f"{code}: {message}"[:LONGEST_ERROR], job.retries)
        kept = message.kept() if isinstance(message, Sentence) else None
        command = ThrowError(token=job.token, code=code, message=str(message), variables=variables or {}, sentence=kept)
        return await dispatch.advance_if_waiting(commit, job.instance_id, command)

    return await committed(work, SYSTEM, now)


async def fail(
    job_id: UUID, attempt: int, error: Sentence | str, now: datetime, retry_at: datetime | None = None
) -> bool:
    """Report a failed try: it is tried again later (`retry_at`, else ever later), or, tries being used up, an
    incident opens.

    False: the job was over already. Raises `LeaseLost`, `JobUnknown`.
    """
    told = str(error)[:LONGEST_ERROR]

    async def work(commit: Commit) -> bool:
        job = await _held(commit, job_id, attempt)
        if job is None:
            return False
        left = job.retries - 1
        if left > 0:
            first = first_pause(parse_json(job.headers), now)
            due_at = retry_at or now + retry_delay(job.failures, random.random(), first)
            return await _requeue(commit, job_id, attempt, due_at, left, told)
        return await _give_up(commit, job_id, job, error if isinstance(error, Sentence) else told)

    return await committed(work, SYSTEM, now)


async def postpone(job_id: UUID, attempt: int, until: datetime, now: datetime) -> bool:
    """Give the job back until later; no try is counted. False: the job was over already. Raises `LeaseLost`,
    `JobUnknown`.
    """

    async def work(commit: Commit) -> bool:
        job = await _held(commit, job_id, attempt)
        if job is None:
            return False
        return await _requeue(commit, job_id, attempt, max(until, now), job.retries, None)

    return await committed(work, SYSTEM, now)


def first_pause(headers: dict[str, str], now: datetime) -> timedelta:
    """How long to wait after the first failure: the header `retryBackoff` of the element (ISO 8601), else 10 s."""
    try:
        return max(read_span(headers[BACKOFF]).after(now) - now, timedelta(seconds=1))
    except (KeyError, ValueError, OverflowError):
        return FIRST_RETRY


def retry_delay(failures: int, chance: float, first: timedelta = FIRST_RETRY) -> timedelta:
    """How long to wait after so many failures: 10 s (`first`), 40 s, 160 s, … at most an hour, or `first` where that
    is longer; give or take a fifth (`chance`: 0 to 1).
    """
    delay = min(first * GROWTH ** min(failures, 10), max(LONGEST_RETRY, first))
    return delay * (1 - JITTER + 2 * JITTER * chance)


async def _abandon(job_id: UUID, attempt: int, now: datetime) -> None:
    """Whoever does this job ends before its report, each time: it must not take every worker down in turn."""

    async def work(commit: Commit) -> bool:
        job = await _held(commit, job_id, attempt)
        return job is not None and await _give_up(commit, job_id, job, ABANDONED)

    try:
        await committed(work, SYSTEM, now)
    except (LeaseLost, JobUnknown):
        return
    except Exception as failure:
        await quarantine.isolate_job(job_id, failure, now)


async def _give_up(commit: Commit, job_id: UUID, job: KnownJob, said: Sentence | str) -> bool:
    commit.end_job(job_id, job.attempt, "failed", str(said)[:LONGEST_ERROR], 0)
    return await dispatch.advance_if_waiting(commit, job.instance_id, FailJob.of(job.token, said))


async def _requeue(
    commit: Commit, job_id: UUID, attempt: int, due_at: datetime, retries: int, error: str | None
) -> bool:
    memory.jobs.forget(job_id)
    requeued = await marks.requeue_job(job_id, attempt, due_at, retries, error)
    if not requeued:
        commit.be_sure()
    return requeued


async def _held(commit: Commit, job_id: UUID, attempt: int) -> KnownJob | None:
    """The job with its instance, when this attempt holds it; None when it is over."""
    found = await commit.job(job_id)
    if found is None:
        raise JobUnknown(job_id=job_id)
    state, job = found
    if state in ("done", "failed", "cancelled"):
        return None
    if job.attempt != attempt or state != "leased":
        commit.be_sure()
        raise LeaseLost(job_id)
    return job


def _job(record: Any) -> Job:
    return Job(
        id=record["id"],
        type=record["type"],
        case_id=record["case_id"],
        procedure=record["procedure"],
        definition_hash=record["definition_hash"],
        element_id=record["element"],
        attempt=record["attempt"],
        input=parse_json(record["input"]),
        headers=parse_json(record["headers"]),
        case=parse_json(record["context"]),
    )
