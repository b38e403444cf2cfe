"""Marks: the single-row changes of tasks, jobs, timers and incidents that verbs ask for. Each says whether it
applied.

Conditions are in the statement itself, so that two callers cannot both succeed. Why a mark did not apply is for the
verb to find out.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from engine.actor import Actor
from engine.encoding import json_text
from engine.ids import new_id
from engine.store.statements import rows, run, value

CLAIM_TASK = """UPDATE engine_task SET state = 'claimed', assignee_id = $2, assignee_name = $3, claimed_at = $4
    WHERE id = $1 AND (state = 'open' OR (state = 'claimed' AND assignee_id = $2)) RETURNING id"""
RELEASE_TASK = """UPDATE engine_task SET state = 'open', assignee_id = NULL, assignee_name = NULL, claimed_at = NULL
    WHERE id = $1 AND state IN ('open', 'claimed') RETURNING id"""
DELEGATE_TASK = """UPDATE engine_task SET state = 'claimed', assignee_id = $2, assignee_name = $3, claimed_at = $4
    WHERE id = $1 AND state IN ('open', 'claimed') RETURNING id"""
MOVE_TASKS = """UPDATE engine_task SET department = $2, candidate_groups = ARRAY[$2], candidate_users = '{}',
    assignee_id = NULL, assignee_name = NULL, claimed_at = NULL, state = 'open'
    WHERE id = ANY($1::uuid[]) AND state IN ('open', 'claimed') RETURNING id"""
DRAFT_TASK = """UPDATE engine_task SET draft = $2::text::jsonb WHERE id = $1 AND state IN ('open', 'claimed')
    AND (assignee_id IS NULL OR assignee_id = $3) RETURNING id"""

ADD_START_SUBSCRIPTION = """INSERT INTO engine_subscription (token, index, definition_hash, element, kind, name)
    VALUES (0, 0, $1, $2, $3, $4)"""
ADD_START_TIMER = """INSERT INTO engine_timer (token, index, definition_hash, element, due_at, cycle)
    VALUES (0, 0, $1, $2, $3, $4)"""
# Tried again after 1 minute, 2, 4 … and then every 4 hours; what follows counts from when it should have fired.
REST_START_TIMER = """UPDATE engine_timer SET failures = least(failures + 1, 1000), failure = $3::text::jsonb,
    held_due_at = coalesce(held_due_at, due_at),
    due_at = $2::timestamptz + interval '1 minute' * least(2 ^ failures, 240)
    WHERE id = $1 AND instance_id IS NULL RETURNING due_at"""

# A lane holds the jobs of one type, procedure and priority. `lane` walks from lane to lane along the index, one descent
# each; `waiting` looks at the first due jobs of each. The best job of every procedure comes before the second best of
# any (`place`), those served last (`$6`) behind; then the higher priority, then the longer due. What a lane shall give
# is only then locked, and what others hold is passed over: the next of the lane takes its place.
LIVE_JOB = "state IN ('queued', 'leased')"
LEASE_JOBS = f"""WITH RECURSIVE lane AS (
        (SELECT type, procedure, priority FROM engine_job WHERE {LIVE_JOB}
            ORDER BY type, procedure, priority LIMIT 1)
        UNION ALL SELECT later.type, later.procedure, later.priority FROM lane CROSS JOIN LATERAL (
            SELECT type, procedure, priority FROM engine_job WHERE {LIVE_JOB}
                AND (type, procedure, priority) > (lane.type, lane.procedure, lane.priority)
            ORDER BY type, procedure, priority LIMIT 1) later),
    waiting AS (
        SELECT lane.*, due.due_at, row_number() OVER (
            PARTITION BY lane.procedure ORDER BY lane.priority DESC, due.due_at) AS place
        FROM lane CROSS JOIN LATERAL (
            SELECT due_at FROM engine_job j WHERE {LIVE_JOB} AND j.type = lane.type AND j.procedure = lane.procedure
                AND j.priority = lane.priority AND j.due_at <= $3 ORDER BY j.due_at, j.id LIMIT $1) due
        WHERE ($5::text[] IS NULL OR lane.type = ANY($5::text[]))
            AND ($7::text[] IS NULL OR lane.procedure = ANY($7::text[]))),
    share AS (
        SELECT type, procedure, priority, count(*) AS jobs, min(turn) AS turn FROM (
            SELECT *, row_number() OVER (ORDER BY place, coalesce(array_position($6::text[], procedure), 0),
                priority DESC, due_at) AS turn FROM waiting ORDER BY turn LIMIT $1) chosen
        GROUP BY type, procedure, priority),
    taken AS (
        SELECT job.id, job.due_at, share.priority, share.turn FROM share CROSS JOIN LATERAL (
            SELECT id, due_at FROM engine_job j WHERE {LIVE_JOB} AND j.type = share.type
                AND j.procedure = share.procedure AND j.priority = share.priority AND j.due_at <= $3
            ORDER BY j.due_at, j.id LIMIT share.jobs FOR UPDATE SKIP LOCKED) job),
    leased AS (
        UPDATE engine_job j SET state = 'leased', attempt = attempt + 1, worker = $2, due_at = $4,
            lost = CASE WHEN state = 'leased' THEN lost + 1 ELSE 0 END
        WHERE id = ANY(ARRAY(SELECT id FROM taken))
        RETURNING id, type, case_id, procedure, definition_hash, element, attempt, input::text, headers::text,
            context::text, queued_at, lost, instance_id, token, retries, failures)
    SELECT leased.* FROM leased JOIN taken USING (id) ORDER BY taken.priority DESC, taken.due_at, taken.turn, id"""
# The lease, or the next try, of a job whose instance is suspended counts from `held_due_at`: it stays due at infinity.
RENEW_JOB = """UPDATE engine_job SET due_at = CASE WHEN held_due_at IS NULL THEN $3 ELSE due_at END,
    held_due_at = CASE WHEN held_due_at IS NULL THEN NULL ELSE $3 END
    WHERE id = $1 AND attempt = $2 AND state = 'leased' RETURNING id"""
REQUEUE_JOB = """UPDATE engine_job SET state = 'queued',
    due_at = CASE WHEN held_due_at IS NULL THEN $3 ELSE due_at END,
    held_due_at = CASE WHEN held_due_at IS NULL THEN NULL ELSE $3 END, retries = $4, error = coalesce($5, error),
    failures = failures + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END, worker = NULL
    WHERE id = $1 AND attempt = $2 AND state = 'leased' RETURNING id"""


ADD_STUCK_INCIDENT = """INSERT INTO engine_incident (id, case_id, instance_id, token, procedure, department, element,
    kind, message, variables, opened_at)
    SELECT $1, i.case_id, i.id, $3, c.procedure, c.department, i.process, 'state', $4, '{}', $5
    FROM engine_instance i JOIN engine_case c ON c.id = i.case_id WHERE i.id = $2
    ON CONFLICT (instance_id, token) WHERE resolved_at IS NULL DO NOTHING"""
# No token has this number: an incident on it is about all of the instance.
WHOLE_INSTANCE = 0


async def claim_task(task_id: UUID, by: Actor, now: datetime) -> bool:
    """Give an open task to the actor; also true when it already is theirs."""
    return await value(CLAIM_TASK, task_id, by.id, by.name, now) is not None


async def release_task(task_id: UUID) -> bool:
    """Put a task back among those of its department."""
    return await value(RELEASE_TASK, task_id) is not None


async def delegate_task(task_id: UUID, agent_id: UUID, agent_name: str, now: datetime) -> bool:
    """Give a task to an agent, whoever had it."""
    return await value(DELEGATE_TASK, task_id, agent_id, agent_name, now) is not None


async def move_tasks(task_ids: list[UUID], department: str) -> int:
    """Move open tasks to another department, unclaimed; due dates stay."""
    return len(await rows(MOVE_TASKS, task_ids, department))


async def draft_task(task_id: UUID, answers: dict[str, Any], by: Actor) -> bool:
    """Keep unfinished answers of whoever has the task, or of anybody while nobody has."""
    return await value(DRAFT_TASK, task_id, json_text(answers), by.id) is not None


async def lease_jobs(
    limit: int,
    worker: str,
    now: datetime,
    until: datetime,
    types: tuple[str, ...] | None,
    served: list[str] | None = None,
    procedures: tuple[str, ...] | None = None,
) -> list[Any]:
    """Lease due jobs, and those whose lease has run out (`lost` counts these in a row); each counts an attempt.

    Fair between procedures, see `LEASE_JOBS`; `served`: procedures that come after the others, the longest ago first.
    """
    wanted, within = (None if each is None else list(each) for each in (types, procedures))
    return await rows(LEASE_JOBS, limit, worker, now, until, wanted, served or [], within)


async def renew_job(job_id: UUID, attempt: int, until: datetime) -> bool:
    """Lengthen a lease this attempt still holds."""
    return await value(RENEW_JOB, job_id, attempt, until) is not None


async def requeue_job(job_id: UUID, attempt: int, due_at: datetime, retries: int, error: str | None) -> bool:
    """Give a leased job back, to be leased again at `due_at`."""
    return await value(REQUEUE_JOB, job_id, attempt, due_at, retries, error) is not None


async def add_start_subscription(definition_hash: str, element: str, kind: str, name: str) -> None:
    """Wait for a message or signal that starts a case."""
    await run(ADD_START_SUBSCRIPTION, definition_hash, element, kind, name)


async def add_start_timer(definition_hash: str, element: str, due_at: datetime, cycle: str | None) -> None:
    """Wait for a time that starts a case."""
    await run(ADD_START_TIMER, definition_hash, element, due_at, cycle)


async def rest_start_timer(timer_id: int, reason: list[Any], now: datetime) -> datetime | None:
    """Try a start timer that failed again later, the later the more often it failed. Returns when."""
    due: datetime | None = await value(REST_START_TIMER, timer_id, now, json_text(reason))
    return due


async def delete_starts(definition_hash: str) -> None:
    """Start no case of this definition any more."""
    await run("DELETE FROM engine_subscription WHERE definition_hash = $1 AND instance_id IS NULL", definition_hash)
    await run("DELETE FROM engine_timer WHERE definition_hash = $1 AND instance_id IS NULL", definition_hash)


async def close_incident(incident_id: UUID, by: Actor, now: datetime) -> None:
    """Mark an incident resolved whose token is gone."""
    await run(
        "UPDATE engine_incident SET resolved_at = $2, resolved_by_name = $3 WHERE id = $1", incident_id, now, by.name
    )


async def add_stuck_incident(instance_id: UUID, message: str, now: datetime) -> None:
    """Say that nothing of an instance can be moved; shown on its process."""
    await run(ADD_STUCK_INCIDENT, new_id(now), instance_id, WHOLE_INSTANCE, message, now)
