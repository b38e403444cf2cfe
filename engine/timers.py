"""Timers: wakes tokens, and starts cases, at their due time, however long nobody was there to do it.

Each firing is one transaction of its own: one instance that cannot be moved holds up no other. Called by the worker.
"""

from datetime import datetime
from typing import Any

import structlog

from engine import dispatch, starts
from engine.actor import SYSTEM
from engine.apply import marks
from engine.bpmn.errors import NotWaiting
from engine.commands import FireTimer
from engine.store.statements import row, transaction, value

COLUMNS = "t.id, t.instance_id, t.token, t.index, t.definition_hash, t.element, t.due_at, t.cycle"
DUE = "t.due_at <= $1 AND t.id <> ALL($2::bigint[]) ORDER BY t.due_at, t.id LIMIT 1"
# The timer is claimed together with its instance, and neither is waited for: no two workers fire it, none blocks
# another.
CLAIM = f"""SELECT {COLUMNS} FROM engine_timer t JOIN engine_instance i ON i.id = t.instance_id
    WHERE {DUE} FOR NO KEY UPDATE OF t, i SKIP LOCKED"""
CLAIM_START = f"""SELECT {COLUMNS} FROM engine_timer t WHERE t.instance_id IS NULL AND {DUE} FOR UPDATE SKIP LOCKED"""

log = structlog.get_logger()


async def fire_due(limit: int, now: datetime) -> int:
    """Fire up to `limit` timers due at `now`, the longest due first. Returns how many fired."""
    fired = 0
    failed: list[int] = []
    while fired < limit:
        timer_id = None
        try:
            async with transaction():
                timer = await row(CLAIM, now, failed) or await row(CLAIM_START, now, failed)
                if timer is None:
                    return fired
                timer_id = timer["id"]
                await _fire(timer, now)
        except Exception as failure:
            if timer_id is None:
                raise
            # It stays due, and is tried again with the next round; the others must not wait for it.
            failed.append(timer_id)
            log.error("timer_failed", timer_id=timer_id, error=type(failure).__name__, exc_info=failure)
            continue
        fired += 1
    return fired


async def next_due() -> datetime | None:
    """When the next timer is due."""
    due: datetime | None = await value("SELECT min(due_at) FROM engine_timer")
    return due


async def _fire(timer: Any, now: datetime) -> None:
    await marks.delete_timer(timer["id"])
    if timer["instance_id"] is None:
        await starts.repeat(timer["definition_hash"], timer["element"], timer["cycle"], timer["due_at"])
        await dispatch.start_by_event(timer["definition_hash"], timer["element"], {}, SYSTEM, now)
        return
    try:
        await dispatch.carry(timer["instance_id"], FireTimer(token=timer["token"], index=timer["index"]), SYSTEM, now)
    except NotWaiting:
        # The token has moved on by itself; its timer is only gone late.
        return
