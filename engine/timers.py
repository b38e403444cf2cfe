"""Timers: wakes tokens, and starts cases, at their due time, however long nobody was there to do it.

Timers of different instances share a commit; when one of them cannot be fired, each is fired in a transaction of its
own, so that an instance that cannot be moved holds up no other. Called by the worker.
"""

from datetime import datetime
from typing import Any

import structlog

from engine import dispatch, quarantine, starts
from engine.actor import SYSTEM
from engine.apply import marks
from engine.bpmn.errors import NotWaiting
from engine.commands import FireTimer
from engine.store.statements import row, rows, transaction, value

COLUMNS = "t.id, t.instance_id, t.token, t.index, t.definition_hash, t.element, t.due_at, t.cycle"
DUE = "t.due_at <= $1 AND t.id <> ALL($2::bigint[]) ORDER BY t.due_at, t.id LIMIT 1"
# The timer is claimed together with its instance, and neither is waited for: no two workers fire it, none blocks
# another.
CLAIM = f"""SELECT {COLUMNS} FROM engine_timer t JOIN engine_instance i ON i.id = t.instance_id
    WHERE {DUE} FOR NO KEY UPDATE OF t, i SKIP LOCKED"""
CLAIM_START = f"""SELECT {COLUMNS} FROM engine_timer t WHERE t.instance_id IS NULL AND {DUE} FOR UPDATE SKIP LOCKED"""

CLAIM_MANY = f"""SELECT {COLUMNS} FROM engine_timer t JOIN engine_instance i ON i.id = t.instance_id
    WHERE t.due_at <= $1 ORDER BY t.due_at, t.id LIMIT $2 FOR NO KEY UPDATE OF t, i SKIP LOCKED"""
# Timers that share a commit: few enough that a failure, which undoes them all, costs little.
TOGETHER = 50

log = structlog.get_logger()


async def fire_due(limit: int, now: datetime) -> int:
    """Fire up to `limit` timers due at `now`, the longest due first. Returns how many fired."""
    fired = 0
    while fired < limit:
        together = await _fire_together(min(TOGETHER, limit - fired), now)
        if not together:
            break
        fired += together
    return fired + await _fire_one_by_one(limit - fired, now)


async def _fire_together(limit: int, now: datetime) -> int:
    """Fire due timers, one of an instance at most, in one transaction. 0: there is none, or one of them failed."""
    try:
        async with transaction():
            first_of_each = {timer["instance_id"]: timer for timer in reversed(await rows(CLAIM_MANY, now, limit))}
            for timer in reversed(first_of_each.values()):
                await _fire(timer, now)
    except Exception as failure:
        log.warning("timers_fired_one_by_one", error=type(failure).__name__)
        return 0
    return len(first_of_each)


async def _fire_one_by_one(limit: int, now: datetime) -> int:
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
            # The others must not wait for it: its instance is set aside, or it is tried again with the next round.
            failed.append(timer_id)
            log.error("timer_failed", timer_id=timer_id, error=type(failure).__name__, exc_info=failure)
            await quarantine.isolate_timer(timer_id, failure, now)
            continue
        fired += 1
    return fired


async def next_due() -> datetime | None:
    """When the next timer is due; those of suspended instances are not."""
    due: datetime | None = await value("SELECT min(due_at) FROM engine_timer WHERE due_at < 'infinity'")
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
