"""Connections at hand: lent from one statement to the next, without the pool being asked."""

import asyncio

import asyncpg
import pytest

from server import lending
from server.database import Database

SIZE = 5


def at_hand(database: Database) -> int:
    assert database.hand is not None
    return len(database.hand)


async def backend(database: Database) -> int:
    async with database.connection() as lent:
        return await lent.fetchval("SELECT pg_backend_pid()")


@pytest.fixture
async def small(database: Database) -> Database:
    """A database of `SIZE` connections."""
    await database.close()
    await database.open_pool(SIZE)
    return database


async def test_the_next_statement_is_lent_the_same_connection(small: Database) -> None:
    first = await backend(small)

    assert await backend(small) == first
    assert at_hand(small) == 1


async def test_inside_a_transaction_its_own_connection_is_lent(small: Database) -> None:
    async with small.transaction() as transaction:
        async with small.connection() as lent:
            assert lent is transaction.connection
        assert at_hand(small) == 0

    assert at_hand(small) == 1


async def test_what_nobody_wants_returns_to_the_pool(small: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "REST_SECONDS", 0.02)
    await backend(small)
    assert small.pool is not None and small.pool.get_idle_size() == 0

    await asyncio.sleep(0.2)

    assert at_hand(small) == 0
    assert small.pool.get_idle_size() == 1


async def test_who_waits_for_a_connection_gets_the_first_that_is_given_back(small: Database) -> None:
    borrowed = [await small.borrow() for _ in range(SIZE)]
    waiting = asyncio.create_task(backend(small))
    await asyncio.sleep(0.02)
    assert not waiting.done()

    await small.give_back(borrowed.pop())

    assert await asyncio.wait_for(waiting, 5)
    for lent in borrowed:
        await small.give_back(lent)


async def test_who_asks_the_pool_itself_always_finds_one(small: Database) -> None:
    borrowed = [await small.borrow() for _ in range(SIZE)]
    for lent in borrowed:
        await small.give_back(lent)

    assert small.pool is not None
    async with asyncio.timeout(5), small.pool.acquire() as first, small.pool.acquire() as second:
        assert await first.fetchval("SELECT 1") == await second.fetchval("SELECT 1")
    assert at_hand(small) == SIZE - lending.RESERVED


async def test_a_connection_that_the_server_has_cut_is_not_lent_again(small: Database) -> None:
    async with small.connection() as lent:
        with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
            await lent.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    await asyncio.sleep(0.02)

    assert await backend(small)


async def test_a_connection_whose_statement_was_abandoned_serves_the_next(small: Database) -> None:
    async def slow() -> None:
        async with small.connection() as lent:
            await lent.execute("SELECT pg_sleep(30)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.1)

    assert await asyncio.wait_for(backend(small), 5)


async def test_what_was_left_in_a_transaction_goes_to_the_pool_which_ends_it(small: Database) -> None:
    async with small.connection() as lent:
        await lent.execute("BEGIN; CREATE TABLE left_over (id int)")

    assert at_hand(small) == 0
    async with small.connection() as other:
        assert await other.fetchval("SELECT to_regclass('left_over')") is None


async def test_a_connection_that_the_server_was_ending_is_told_as_lost_and_never_lent_again(small: Database) -> None:
    before = await backend(small)

    for way in (small.connection, small.transaction):
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            async with way():
                raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

        assert at_hand(small) == 0
    assert await backend(small) != before
