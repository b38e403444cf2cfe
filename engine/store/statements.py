"""Statements: the one door through which the engine's SQL reaches PostgreSQL, inside the open transaction when there
is one.

JSON travels as text (`$1::text::jsonb`, `column::text`), so nothing here depends on the codecs of a connection. Never
decides anything; never reads the clock.
"""

import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from engine.store.tables import InstanceRow

AfterCommit = Callable[[], Awaitable[None]]


class _Pending:
    """What waits for the commit of one transaction. A task started inside it may outlive it: then nothing waits any
    more.
    """

    def __init__(self) -> None:
        self.calls: list[AfterCommit] = []
        self.over = False


_pending: contextvars.ContextVar[_Pending | None] = contextvars.ContextVar("engine_after_commit", default=None)


def database() -> Any:
    """What the tables are bound to."""
    return InstanceRow._meta.db


@asynccontextmanager
async def transaction() -> AsyncGenerator[None, None]:
    """Open a transaction, or join the one already open in this task. No network call belongs inside.

    What was given to `after_commit` inside runs once the outermost `transaction()` has committed, and never after a
    rollback.
    """
    if _open_pending() is not None:
        # Joined, so that a failure inside dooms the whole even when somebody swallows it.
        async with database().transaction(allow_nested=True):
            yield
        return
    pending = _Pending()
    token = _pending.set(pending)
    try:
        async with database().transaction(allow_nested=True):
            yield
    finally:
        pending.over = True
        _pending.reset(token)
    for call in pending.calls:
        await call()


def in_transaction() -> bool:
    """Whether a transaction is open in this task."""
    return _open_pending() is not None


async def after_commit(call: AfterCommit) -> None:
    """Run `call` when the open transaction has committed; at once when none is open."""
    pending = _open_pending()
    if pending is None:
        await call()
    else:
        pending.calls.append(call)


def _open_pending() -> _Pending | None:
    pending = _pending.get()
    return None if pending is None or pending.over else pending


def connection() -> Any:
    """The asyncpg connection of the open transaction, else one for the length of this context."""
    return database().connection()


async def rows(sql: str, *arguments: Any) -> list[Any]:
    """All rows of a statement, as asyncpg records."""
    async with connection() as open_connection:
        return await open_connection.fetch(sql, *arguments)


async def row(sql: str, *arguments: Any) -> Any | None:
    """The first row of a statement, or None."""
    async with connection() as open_connection:
        return await open_connection.fetchrow(sql, *arguments)


async def value(sql: str, *arguments: Any) -> Any:
    """The first column of the first row, or None."""
    async with connection() as open_connection:
        return await open_connection.fetchval(sql, *arguments)


async def run(sql: str, *arguments: Any) -> None:
    """Execute one statement; without arguments, also a script of several."""
    async with connection() as open_connection:
        await open_connection.execute(sql, *arguments)


async def run_many(sql: str, arguments: Iterable[Sequence[Any]]) -> None:
    """Execute one statement for each tuple of arguments, in one round trip."""
    batch = list(arguments)
    if not batch:
        return
    async with connection() as open_connection:
        await open_connection.executemany(sql, batch)
