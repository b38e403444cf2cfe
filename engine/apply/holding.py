"""Holding: the rows of a suspended instance. Its jobs and timers are due at infinity until it is resumed; what they
were due for is kept beside.

The revision moves too, so that no state read before counts any more. Called by `engine.suspensions` and
`engine.dispatch`.
"""

from datetime import datetime
from uuid import UUID

from engine.store.statements import run

MARK_SUSPENDED = "UPDATE engine_instance SET suspended_at = $2, rev = rev + 1 WHERE id = $1"
HOLD_JOBS = """UPDATE engine_job SET held_due_at = due_at, due_at = 'infinity'
    WHERE instance_id = $1 AND state IN ('queued', 'leased') AND held_due_at IS NULL"""
HOLD_TIMERS = """UPDATE engine_timer SET held_due_at = due_at, due_at = 'infinity'
    WHERE instance_id = $1 AND due_at <> 'infinity'"""
FREE_JOBS = """UPDATE engine_job SET due_at = held_due_at, held_due_at = NULL
    WHERE instance_id = $1 AND held_due_at IS NOT NULL"""
FREE_TIMERS = """UPDATE engine_timer SET due_at = held_due_at, held_due_at = NULL
    WHERE instance_id = $1 AND held_due_at IS NOT NULL"""


async def suspend_instance(instance_id: UUID, now: datetime) -> None:
    """The instance stands still: nothing of it is due any more."""
    await run(MARK_SUSPENDED, instance_id, now)
    await hold_waiting(instance_id)


async def hold_waiting(instance_id: UUID) -> None:
    """What a suspended instance waits for is not due; also what an administrator has just made it wait for."""
    await run(HOLD_JOBS, instance_id)
    await run(HOLD_TIMERS, instance_id)


async def free_instance(instance_id: UUID) -> None:
    """The instance may move: everything is due when it was due before, what is overdue at once."""
    await run(MARK_SUSPENDED, instance_id, None)
    await run(FREE_JOBS, instance_id)
    await run(FREE_TIMERS, instance_id)
