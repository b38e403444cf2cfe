"""Rows: the SQL that writes what a net leaves to write, one statement per table. Never decides; never reads."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.apply.moment import CaseFacts, Moment
from engine.apply.net import Net, Passage
from engine.effects import DecisionTraced, ElementEntered, ElementLeft, EscalationUncaught, JobQueued, TaskOpened
from engine.encoding import json_text
from engine.ids import new_id
from engine.store.statements import run, run_many

END_TASKS = """UPDATE engine_task SET state = 'withdrawn', ended_at = $3
    WHERE instance_id = $1 AND token = ANY($2::bigint[]) AND state IN ('open', 'claimed')"""
END_JOBS = """UPDATE engine_job SET state = 'cancelled', ended_at = $3
    WHERE instance_id = $1 AND token = ANY($2::bigint[]) AND state IN ('queued', 'leased', 'failed')"""
END_TIMERS = """DELETE FROM engine_timer t USING unnest($2::bigint[], $3::smallint[]) AS gone(token, index)
    WHERE t.instance_id = $1 AND t.token = gone.token AND t.index = gone.index"""
END_SUBSCRIPTIONS = """DELETE FROM engine_subscription s
    USING unnest($2::bigint[], $3::smallint[]) AS gone(token, index)
    WHERE s.instance_id = $1 AND s.token = gone.token AND s.index = gone.index"""
END_INCIDENTS = """UPDATE engine_incident SET resolved_at = $3, resolved_by_name = $4
    WHERE instance_id = $1 AND token = ANY($2::bigint[]) AND resolved_at IS NULL"""

ADD_TASK = """INSERT INTO engine_task (id, case_id, instance_id, token, procedure, definition_hash, element, name, form,
    department, audience, candidate_groups, candidate_users, assignee_id, assignee_name, state, due_at, follow_up_at,
    priority, input, opened_at, claimed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL,
    CASE WHEN $14::uuid IS NULL THEN 'open' ELSE 'claimed' END, $15, $16, $17, $18::text::jsonb, $19,
    CASE WHEN $14::uuid IS NULL THEN NULL ELSE $19::timestamptz END)"""
ADD_JOB = """INSERT INTO engine_job (id, case_id, instance_id, token, procedure, definition_hash, element, type, state,
    attempt, retries, failures, priority, headers, input, context, due_at, queued_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, 0, $10, $11::text::jsonb, $12::text::jsonb,
    $13::text::jsonb, $14, $14)"""
ADD_TIMER = """INSERT INTO engine_timer (instance_id, token, index, element, due_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (instance_id, token, index) WHERE instance_id IS NOT NULL
    DO UPDATE SET due_at = excluded.due_at, element = excluded.element"""
ADD_SUBSCRIPTION = """INSERT INTO engine_subscription (instance_id, token, index, element, kind, name, key)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (instance_id, token, index) WHERE instance_id IS NOT NULL
    DO UPDATE SET element = excluded.element, kind = excluded.kind, name = excluded.name, key = excluded.key"""
ADD_INCIDENT = """INSERT INTO engine_incident (id, case_id, instance_id, token, procedure, department, element, kind,
    message, variables, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (instance_id, token) WHERE resolved_at IS NULL
    DO UPDATE SET kind = excluded.kind, message = excluded.message, variables = excluded.variables"""
ADD_HISTORY = """INSERT INTO engine_history (case_id, instance_id, token, happened, element, name, kind, at, actor_name,
    details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb)"""

ADD_INSTANCE = """INSERT INTO engine_instance (id, case_id, parent_id, parent_token, definition_hash, process, rev,
    state, status, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""
MOVE_INSTANCE = """UPDATE engine_instance SET rev = rev + 1, state = $3, status = $4, ended_at = $5
    WHERE id = $1 AND rev = $2 RETURNING rev"""
CHANGE_CASE = """UPDATE engine_case SET state = $2, department = $3, departments = $4, priority = $5, due_at = $6,
    answered_at = $7, closed_at = $8, waiting_since = $9, waited_seconds = $10, public_step = $11, decision = $12,
    context = $13::text::jsonb WHERE id = $1"""


async def end_rows(moment: Moment, net: Net) -> None:
    """Withdraw, cancel and clear what no longer waits."""
    instance_id, now = moment.running.id, moment.now
    if net.tasks_ended:
        await run(END_TASKS, instance_id, list(net.tasks_ended), now)
    if net.jobs_ended:
        await run(END_JOBS, instance_id, list(net.jobs_ended), now)
    if net.timers_ended:
        await run(END_TIMERS, instance_id, *_columns(net.timers_ended))
    if net.subscriptions_ended:
        await run(END_SUBSCRIPTIONS, instance_id, *_columns(net.subscriptions_ended))
    if net.incidents_ended:
        await run(END_INCIDENTS, instance_id, list(net.incidents_ended), now, moment.by.name)


async def add_rows(moment: Moment, net: Net, department: str) -> None:
    """Add what now waits; `department` is the case's, for its incidents."""
    running, now = moment.running, moment.now
    procedure = moment.case.procedure
    await run_many(ADD_TASK, [_task(moment, task) for task in net.tasks.values()])
    await run_many(ADD_JOB, [_job(moment, job) for job in net.jobs.values()])
    await run_many(
        ADD_TIMER, [(running.id, timer.token, timer.index, timer.element, timer.due) for timer in net.timers.values()]
    )
    await run_many(
        ADD_SUBSCRIPTION,
        [
            (running.id, opened.token, opened.index, opened.element, opened.kind, opened.name, opened.key)
            for opened in net.subscriptions.values()
        ],
    )
    await run_many(
        ADD_INCIDENT,
        [
            (
                *(new_id(now), running.case_id, running.id, raised.token, procedure, department, raised.element),
                *(raised.kind, raised.message[:4000], list(raised.variables), now),
            )
            for raised in net.incidents.values()
        ],
    )
    await run_many(ADD_HISTORY, [_passage(moment, passage) for passage in net.history])


async def change_case(before: CaseFacts, after: CaseFacts) -> None:
    """Write the case's derived columns, when they have changed."""
    if after == before:
        return
    await run(
        CHANGE_CASE,
        after.id,
        after.state,
        after.department,
        list(after.departments),
        after.priority,
        after.due_at,
        after.answered_at,
        after.closed_at,
        after.waiting_since,
        after.waited_seconds,
        after.public_step,
        after.decision,
        json_text(after.context),
    )


def _columns(slots: set[tuple[int, int]]) -> tuple[list[int], list[int]]:
    ordered = sorted(slots)
    return [token for token, _ in ordered], [index for _, index in ordered]


def _task(moment: Moment, task: TaskOpened) -> tuple[Any, ...]:
    running, now = moment.running, moment.now
    assignee = _as_uuid(task.assignee)
    named = [task.assignee] if task.assignee and assignee is None else []
    identity = (new_id(now), running.case_id, running.id, task.token, moment.case.procedure, running.definition_hash)
    people = (task.department, task.audience, list(task.candidate_groups), [*task.candidate_users, *named], assignee)
    return (
        *identity,
        task.element,
        task.name or task.element,
        task.form,
        *people,
        task.due,
        task.follow_up,
        task.priority,
        json_text(task.input),
        now,
    )


def _job(moment: Moment, job: JobQueued) -> tuple[Any, ...]:
    running, now = moment.running, moment.now
    identity = (new_id(now), running.case_id, running.id, job.token, moment.case.procedure, running.definition_hash)
    work = (job.element, job.type, max(job.retries, 1), moment.case.priority)
    return (*identity, *work, json_text(job.headers), json_text(job.input), json_text(job.case), now)


def _passage(moment: Moment, passage: Passage) -> tuple[Any, ...]:
    running = moment.running
    happened, token, element, name, kind, details = _told(passage)
    where = (running.case_id, running.id, token, happened, element, name, kind)
    return (*where, moment.now, moment.by.name, json_text(details))


def _told(passage: Passage) -> tuple[str, int | None, str | None, str | None, str | None, Mapping[str, Any]]:
    match passage:
        case ElementEntered():
            details = {"public_step": passage.public_step, "decision": passage.decision}
            stated = {key: said for key, said in details.items() if said}
            return "entered", passage.token, passage.element, passage.name, passage.kind, stated
        case ElementLeft():
            return "left", passage.token, passage.element, None, None, {"outcome": passage.outcome}
        case DecisionTraced():
            traced = {"decision": passage.decision, **passage.trace}
            return "decided", passage.token, passage.element, None, None, traced
        case EscalationUncaught():
            return "escalated", passage.token, passage.element, None, None, {"code": passage.code}
        case _:
            return "variables", None, None, None, None, {"scope": passage.scope, "values": passage.values}


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
