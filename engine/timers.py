"""Timers: wakes tokens, and starts cases, at their due time, however long nobody was there to do it.

Timers of different instances share a commit; when one of them cannot be fired, each is fired in a transaction of its
own, so that an instance that cannot be moved holds up no other. Called by the worker.
"""

from datetime import datetime
from typing import Any

import structlog

from engine import dispatch, quarantine, starts
from engine.actor import SYSTEM
from engine.apply.reading import INSTANCE
from engine.commands import FireTimer
from engine.commit import Commit
from engine.store.statements import row, rows, transaction, value

TIMER = "t.id AS own_id, t.token AS own_token, t.index AS own_index"
# The timer is claimed together with its instance and case, and none is waited for: no two workers fire it, none blocks
# another.
CLAIM = f"""SELECT {TIMER}, {INSTANCE} FROM engine_timer t JOIN engine_instance i ON i.id = t.instance_id
    JOIN engine_case c ON c.id = i.case_id WHERE t.due_at <= $1 AND t.id <> ALL($2::bigint[])
    ORDER BY t.due_at, t.id LIMIT $3 FOR NO KEY UPDATE OF t, i, c SKIP LOCKED"""
CLAIM_START = """SELECT id, definition_hash, element, cycle,
    coalesce(held_due_at, due_at) AS due_at FROM engine_timer WHERE instance_id IS NULL
    AND due_at <= $1 AND id <> ALL($2::bigint[]) ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
# Timers that share a commit: few enough that a failure, which undoes them all, costs little.
TOGETHER = 100

log = structlog.get_logger()


class TimerFailed(Exception):
    """This timer could not be fired, because of `cause`."""

    def __init__(self, timer_id: int, cause: Exception) -> None:
        super().__init__(str(timer_id))
        self.timer_id, self.cause = timer_id, cause


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
    """Fire due timers in one commit. 0: there is none, or one of them failed."""
    try:
        return await _fire(limit, [], now)
    except Exception as failure:
        log.warning("timers_fired_one_by_one", error=type(failure).__name__)
        return 0


async def _fire(limit: int, but: list[int], now: datetime) -> int:
    async with transaction():
        commit = Commit(SYSTEM, now, locks=True)
        due = await rows(CLAIM, now, but, limit)
        for timer in due:
            await _wake(commit, timer)
        await commit.write(remember=True)
    return len(due)


async def _wake(commit: Commit, timer: Any) -> None:
    token, index = timer["own_token"], timer["own_index"]
    try:
        await commit.take(timer)
        woken = await dispatch.advance_if_waiting(commit, timer["id"], FireTimer(token=token, index=index))
    except Exception as failure:
        raise TimerFailed(timer["own_id"], failure) from failure
    if not woken:
        # The token has moved on by itself; its timer is only gone late.
        commit.ledger.add("cleared", (timer["id"], token, index))


async def _fire_one_by_one(limit: int, now: datetime) -> int:
    fired = 0
    failed: list[int] = []
    while fired < limit:
        try:
            done = await _fire(1, failed, now) or await _start(failed, now)
        except TimerFailed as failure:
            # The others must not wait for it: its instance is set aside, or it is tried again with the next round.
            failed.append(failure.timer_id)
            log.error("timer_failed", timer_id=failure.timer_id, error=type(failure.cause).__name__, exc_info=failure)
            await quarantine.isolate_timer(failure.timer_id, failure.cause, now)
            continue
        if not done:
            break
        fired += 1
    return fired


async def _start(but: list[int], now: datetime) -> int:
    """Fire one start timer that is due."""
    async with transaction():
        timer = await row(CLAIM_START, now, but)
        if timer is None:
            return 0
        try:
            commit = Commit(SYSTEM, now, locks=True)
            commit.ledger.add("fired", (timer["id"],))
            await starts.repeat(timer["definition_hash"], timer["element"], timer["cycle"], timer["due_at"])
            await dispatch.start_by_event(commit, timer["definition_hash"], timer["element"], {})
            await commit.write(remember=True)
        except Exception as failure:
            raise TimerFailed(timer["id"], failure) from failure
    return 1


async def next_due() -> datetime | None:
    """When the next timer is due; those of suspended instances are not."""
    due: datetime | None = await value("SELECT min(due_at) FROM engine_timer WHERE due_at < 'infinity'")
    return due
