"""Suspensions: an instance stands still, with the instances it has called, until it is resumed. Each with a reason, in
the journal.

While it stands still no task of it can be completed, no job is leased and no timer fires; messages, results of jobs and
ends of called instances are kept. On resumption all of that happens, once, and what is overdue is done at once.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine import correlation, dispatch, held, journal
from engine.actor import Actor
from engine.apply import holding
from engine.bpmn.errors import NotWaiting, VariablesTooLarge
from engine.commands import CompleteJob, Deliver, FailJob, ThrowError
from engine.errors import (
    CallerSuspended,
    InstanceEnded,
    InstanceNotSuspended,
    InstanceSuspended,
    InstanceUnknown,
    ReasonMissing,
)
from engine.store.statements import rows, transaction, value
from engine.wake import hint

SUSPENDED = "The case was suspended: {reason}"
RESUMED = "The case was resumed: {reason}"
# A message that came to a suspended case which no longer waits for it when resumed is offered to others that long.
OFFERED = timedelta(days=1)

FAMILY = """WITH RECURSIVE family AS (
        SELECT id FROM engine_instance WHERE id = $1
        UNION ALL SELECT i.id FROM engine_instance i JOIN family f ON i.parent_id = f.id WHERE i.status = 'running')
    SELECT id FROM family ORDER BY id"""


async def suspend(instance_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """Suspend an instance and those it has called. Raises `InstanceUnknown`, `InstanceEnded`, `InstanceSuspended` (it
    is already), `ReasonMissing`.
    """
    _require(reason)
    async with transaction():
        case_id, suspended_at, _ = await _running(instance_id)
        if suspended_at is not None:
            raise InstanceSuspended(instance_id=instance_id)
        for member in await _family(instance_id):
            locked = await dispatch.lock_instance(member)
            if locked is not None and locked[0].suspended_at is None:
                await holding.suspend_instance(member, now)
        await journal.write(case_id, SUSPENDED, {"reason": reason}, by, now)
        await hint(f"case:{case_id}")


async def resume(instance_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """Resume an instance and those it has called; what reached them meanwhile happens now, in its order.

    Raises `InstanceUnknown`, `InstanceEnded`, `InstanceNotSuspended`, `CallerSuspended`, `ReasonMissing`.
    """
    _require(reason)
    async with transaction():
        case_id, suspended_at, parent_id = await _running(instance_id)
        if suspended_at is None:
            raise InstanceNotSuspended(instance_id=instance_id)
        if parent_id is not None and await _is_suspended(parent_id):
            raise CallerSuspended(instance_id=instance_id, caller=parent_id)
        members = await _family(instance_id)
        for member in members:
            await dispatch.lock_instance(member)
            await holding.free_instance(member)
        await journal.write(case_id, RESUMED, {"reason": reason}, by, now)
        for member in members:
            for kept in await held.take(member):
                await _carry(member, kept, now)
        await hint(f"case:{case_id}", "jobs", "timers")


async def _carry(instance_id: UUID, kept: held.Held, now: datetime) -> None:
    try:
        await dispatch.carry(instance_id, kept.command, kept.by, now)
    except VariablesTooLarge as refused:
        # Only a job's report is refused so: as for a case that moves, its step is blocked, and no other.
        assert isinstance(kept.command, CompleteJob | ThrowError)
        await dispatch.carry(instance_id, FailJob.of(kept.command.token, refused.sentence), kept.by, now)
    except NotWaiting:
        # What was kept before it has moved the token. A message is still offered to whoever waits, now or soon.
        if isinstance(kept.command, Deliver) and kept.command.kind == "message":
            await _offer(instance_id, kept.command, kept.by, now)


async def _offer(instance_id: UUID, message: Deliver, by: Actor, now: datetime) -> None:
    key = message.key
    receivers = [each for each in await correlation.receivers_of_message(message.name, key) if each.instance_id]
    if receivers:
        await dispatch.deliver(receivers, message, by, now)
        return
    await correlation.remember(
        message.name,
        key,
        message.variables,
        message_id=None,
        published_at=now,
        expires_at=now + OFFERED,
        consumed=False,
    )


async def _running(instance_id: UUID) -> Any:
    """The case, the suspension and the caller of a running instance, locked."""
    locked = await dispatch.lock_instance(instance_id)
    if locked is None:
        raise InstanceUnknown(instance_id=instance_id)
    running = locked[0]
    if running.status != "running":
        raise InstanceEnded(instance_id=instance_id)
    return running.case_id, running.suspended_at, running.parent_id


async def _family(instance_id: UUID) -> list[UUID]:
    return [record["id"] for record in await rows(FAMILY, instance_id)]


async def _is_suspended(instance_id: UUID) -> bool:
    found = await value("SELECT suspended_at FROM engine_instance WHERE id = $1 AND status = 'running'", instance_id)
    return found is not None


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
