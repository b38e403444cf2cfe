"""The transaction that verbs open or join, on a real PostgreSQL."""

import asyncio

import asyncpg
import pytest

from server.database import COMMAND_TIMEOUT, SERVER_SETTINGS, Database
from server.errors import TransactionDoomed

DEFERRED = """CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"""


async def count(database: Database, table: str) -> int:
    return (await database._run_in_pool(f"SELECT count(*) FROM {table}"))[0]["count"]


async def test_a_commit_that_fails_gives_its_connection_back(database: Database) -> None:
    await database.run_script(DEFERRED)

    for _ in range(20):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.transaction() as transaction:
                await transaction.connection.execute("INSERT INTO child VALUES (1)")

    assert await count(database, "child") == 0
    assert database.current_transaction.get() is None


async def test_a_verb_inside_a_verb_joins_its_transaction(database: Database) -> None:
    await database.run_script("CREATE TABLE fact (id int)")

    with pytest.raises(RuntimeError):
        async with database.transaction():
            async with database.transaction() as joined:
                await joined.connection.execute("INSERT INTO fact VALUES (1)")
            raise RuntimeError

    assert await count(database, "fact") == 0


async def test_swallowing_the_error_of_a_joined_verb_commits_nothing(database: Database) -> None:
    await database.run_script("CREATE TABLE fact (id int)")

    with pytest.raises(TransactionDoomed):
        async with database.transaction() as transaction:
            await transaction.connection.execute("INSERT INTO fact VALUES (1)")
            try:
                async with database.transaction():
                    raise RuntimeError
            except RuntimeError:
                pass

    assert await count(database, "fact") == 0


async def test_a_task_started_inside_a_transaction_works_after_its_end(database: Database) -> None:
    await database.run_script("CREATE TABLE fact (id int)")
    ended = asyncio.Event()

    async def later() -> None:
        await ended.wait()
        async with database.transaction() as transaction:
            await transaction.connection.execute("INSERT INTO fact VALUES (2)")

    async with database.transaction():
        task = asyncio.create_task(later())
    ended.set()
    await task

    assert await count(database, "fact") == 1


async def test_json_is_written_from_values_and_from_text_alike(database: Database) -> None:
    rows = await database._run_in_pool("SELECT $1::jsonb = $2::jsonb AS same", [{"é": [1, None]}, '{"é": [1, null]}'])

    assert rows[0]["same"]


def test_a_frozen_process_gives_its_rows_back_before_those_who_wait_give_up() -> None:
    held_for = int(SERVER_SETTINGS["idle_in_transaction_session_timeout"]) / 1000

    assert held_for < COMMAND_TIMEOUT
