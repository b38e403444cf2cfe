"""Together: reports that share a commit. What arrives while one is being written goes into the next, so that nobody
waits for company and a backlog costs few commits.

When one of them cannot be done, each is done in a commit of its own, and only its giver is told. Used by `engine.jobs`
for the reports of a runner; a command of a person has a commit of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import datetime
from typing import Any

import msgspec

from engine.actor import Actor
from engine.commit import Commit, committed
from engine.store.statements import in_transaction

MOST = 50

Work = Callable[[Commit], Awaitable[Any]]


class _Waiting(msgspec.Struct):
    work: Work
    now: datetime
    told: asyncio.Future[Any]


class Together:
    """Commits by one actor, shared."""

    def __init__(self, by: Actor) -> None:
        self._by = by
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def do(self, work: Work, now: datetime) -> Any:
        """Do the work in a commit, perhaps with others; returns what it returned, raises what it raised."""
        if in_transaction():
            return await committed(work, self._by, now)
        waiting = _Waiting(work, now, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writing is None or self._writing.done() or self._writing.get_loop() is not waiting.told.get_loop():
            # In a context of its own: the transaction of whoever came first is not everybody's.
            self._writing = asyncio.get_running_loop().create_task(self._write(), context=Context())
        return await waiting.told

    async def _write(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            if len(batch) == 1 or not await self._share(batch):
                for each in batch:
                    await self._alone(each)

    async def _share(self, batch: list[_Waiting]) -> bool:
        async def work(commit: Commit) -> list[Any]:
            return [await each.work(commit) for each in batch]

        try:
            answers = await committed(work, self._by, max(each.now for each in batch))
        except Exception:
            return False
        for each, answer in zip(batch, answers, strict=True):
            if not each.told.done():
                each.told.set_result(answer)
        return True

    async def _alone(self, each: _Waiting) -> None:
        try:
            answer = await committed(each.work, self._by, each.now)
        except Exception as failure:
            if not each.told.done():
                each.told.set_exception(failure)
        else:
            if not each.told.done():
                each.told.set_result(answer)
