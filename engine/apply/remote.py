"""Marks that other systems ask for: the tries of a job, the dates, people and priority of a task."""

from datetime import datetime
from uuid import UUID

import msgspec

from engine.store.statements import value

SET_TRIES = """UPDATE engine_job SET retries = $2 WHERE id = $1 AND state IN ('queued', 'leased', 'failed')
    RETURNING id"""
CHANGE_TASK = """UPDATE engine_task SET
    due_at = CASE WHEN $2::boolean THEN $3::timestamptz ELSE due_at END,
    follow_up_at = CASE WHEN $4::boolean THEN $5::timestamptz ELSE follow_up_at END,
    candidate_groups = coalesce($6::text[], candidate_groups),
    candidate_users = coalesce($7::text[], candidate_users),
    priority = coalesce($8::smallint, priority)
    WHERE id = $1 AND state IN ('open', 'claimed') RETURNING id"""


class TaskChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a task. A date is changed where its `sets_…` is true, also to none."""

    sets_due: bool = False
    due_at: datetime | None = None
    sets_follow_up: bool = False
    follow_up_at: datetime | None = None
    candidate_groups: tuple[str, ...] | None = None
    candidate_users: tuple[str, ...] | None = None
    priority: int | None = None


async def set_tries(job_id: UUID, retries: int) -> bool:
    """Give a job that is not over this many tries."""
    return await value(SET_TRIES, job_id, retries) is not None


async def change_task(task_id: UUID, changes: TaskChanges) -> bool:
    """Change an open task."""
    groups, users = changes.candidate_groups, changes.candidate_users
    found = await value(
        CHANGE_TASK,
        *(task_id, changes.sets_due, changes.due_at, changes.sets_follow_up, changes.follow_up_at),
        *(None if groups is None else list(groups), None if users is None else list(users), changes.priority),
    )
    return found is not None
