"""One clock for all processes: the database's. A host whose own clock is an hour ahead or behind changes nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from engine import timers
from engine.store.statements import value
from server import clock as clocks
from server.chores import chores_of
from server.clock import SharedClock
from server.opened import opened
from tests.engine.bundles import MISSING_PAPER, a_case, a_procedure

HOUR = timedelta(hours=1)
A_MOMENT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


async def test_between_two_looks_no_change_of_the_host_s_clock_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> datetime:
        return A_MOMENT

    clock = SharedClock(ask)
    await clock.look()
    before = clock()
    monkeypatch.setattr(clocks.time, "time", lambda: 0.0)

    after = clock()

    assert A_MOMENT <= before <= after < A_MOMENT + timedelta(minutes=1)


async def test_a_slow_answer_is_not_believed() -> None:
    told = [A_MOMENT, A_MOMENT + HOUR]

    async def ask() -> datetime:
        await asyncio.sleep(0 if len(told) == 2 else 0.05)
        return told.pop(0)

    clock = SharedClock(ask)
    await clock.look()

    await clock.look(slowest=0.01)

    assert clock() < A_MOMENT + HOUR / 2


@pytest.mark.parametrize("wrong", [HOUR, -HOUR])
async def test_a_worker_whose_host_is_an_hour_wrong_fires_a_timer_at_its_time(
    settings, database, monkeypatch: pytest.MonkeyPatch, wrong: timedelta
) -> None:
    class WrongClock(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return datetime.now(tz) + wrong

    monkeypatch.setattr(clocks, "datetime", WrongClock)
    right_now = await value("SELECT clock_timestamp()")
    await a_procedure(right_now, MISSING_PAPER.replace("P15D", "PT10S"))
    overdue = await a_case(right_now - HOUR / 60, key="overdue")
    await a_case(right_now + HOUR / 2, key="later")

    async with opened(msgspec.structs.replace(settings, valkey_url=None)) as town:
        fire = {chore.name: chore for chore in chores_of(town)}["timers"].run
        fired = await fire(town.clock())

    due = await timers.next_due()
    assert fired == 1
    assert due is not None and due > right_now + HOUR / 2
    assert await value("SELECT closed_at IS NOT NULL FROM engine_case WHERE id = $1", overdue.case_id)
