"""The worker's loops: they look again, they hear hints, they outlive failures, they end what they began."""

import asyncio
from datetime import datetime

from server.worker import Chore, Worker


async def until(condition: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await condition.wait()


async def test_a_chore_is_done_again_while_there_is_work(now: datetime) -> None:
    left, empty = [3], asyncio.Event()

    async def take(_: datetime) -> int:
        if not left[0]:
            empty.set()
            return 0
        left[0] -= 1
        return 1

    worker = Worker([Chore("take", take)], lambda: now, poll_seconds=60)
    running = asyncio.create_task(worker.run())

    await until(empty)
    worker.stop()
    await running

    assert left == [0]


async def test_a_hint_wakes_the_chores_it_concerns(now: datetime) -> None:
    looked = asyncio.Event()

    async def look(_: datetime) -> int:
        looked.set()
        return 0

    worker = Worker([Chore("jobs", look, ("jobs",))], lambda: now, poll_seconds=60)
    running = asyncio.create_task(worker.run())
    await until(looked)
    await asyncio.sleep(0)
    looked.clear()

    worker.hear("jobs")

    await until(looked)
    worker.stop()
    await running


async def test_a_failing_chore_does_not_stop_the_worker(now: datetime) -> None:
    tries, again = [0], asyncio.Event()

    async def fail(_: datetime) -> int:
        tries[0] += 1
        if tries[0] == 2:
            again.set()
        raise RuntimeError

    worker = Worker([Chore("fail", fail)], lambda: now, poll_seconds=0.01)
    running = asyncio.create_task(worker.run())

    await until(again)
    worker.stop()
    await running

    assert tries[0] >= 2


async def test_stopping_lets_what_has_begun_end(now: datetime) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(_: datetime) -> int:
        begun.set()
        await asyncio.sleep(0.1)
        ended.set()
        return 1

    worker = Worker([Chore("work", work)], lambda: now)
    running = asyncio.create_task(worker.run())
    await until(begun)

    worker.stop()
    await running

    assert ended.is_set()
