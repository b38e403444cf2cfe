"""Quarantine: an instance that cannot be moved at all is set aside, so that workers lose no time on it and the others
go on.

Its state does not load, its version cannot be built, or moving it raises what nobody foresaw. It is suspended (nothing
of it is due, what reaches it is kept) and an incident says so; trying that again resumes it. Called where workers meet
such a failure. A database that is away is no reason.
"""

from datetime import datetime
from uuid import UUID

import structlog

from engine import starts, suspensions
from engine.actor import SYSTEM
from engine.apply import marks
from engine.apply.ledger import RowsMoved
from engine.errors import InstanceEnded, InstanceSuspended, InstanceUnknown
from engine.store.failures import is_passing
from engine.store.statements import transaction, value

STUCK = "The case cannot be moved: its stored state or its version is broken. Nothing of it is lost; see the logs."

log = structlog.get_logger()


def is_lasting(failure: BaseException | None) -> bool:
    """Whether the failure would come again: it is neither the database's absence nor a lost race."""
    return isinstance(failure, Exception) and not isinstance(failure, RowsMoved) and not is_passing(failure)


async def isolate_timer(timer_id: int, failure: BaseException | None, now: datetime) -> None:
    """Set aside the instance whose timer could not be fired. A start timer has none: it rests, and says why."""
    instance_id = await value("SELECT instance_id FROM engine_timer WHERE id = $1", timer_id)
    if instance_id is None and is_lasting(failure):
        await starts.rest(timer_id, failure, now)
    await _isolate(instance_id, failure, now)


async def isolate_job(job_id: UUID, failure: BaseException | None, now: datetime) -> None:
    """Set aside the instance that could not take its job's report; the job is done again after the resumption."""
    await _isolate(await value("SELECT instance_id FROM engine_job WHERE id = $1", job_id), failure, now)


async def _isolate(instance_id: UUID | None, failure: BaseException | None, now: datetime) -> None:
    if instance_id is None or not is_lasting(failure):
        return
    try:
        async with transaction():
            await suspensions.suspend(instance_id, type(failure).__name__, SYSTEM, now)
            await marks.add_stuck_incident(instance_id, STUCK, now)
    except (InstanceEnded, InstanceSuspended, InstanceUnknown):
        return
    log.error("instance_isolated", instance_id=str(instance_id), error=type(failure).__name__, exc_info=failure)
