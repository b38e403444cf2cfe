"""Database: PostgreSQL through Piccolo, with a transaction that always gives its connection back.

Opens the pool and binds every floor's tables to it. Never writes a row. Called by `server.app`, `server.worker`,
the commands and the tests. Verbs of the floors below only see `Table._meta.db`.
"""

import asyncio
import contextlib
import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.table import Table

from server.errors import DatabaseUnreachable, TransactionDoomed
from server.lending import Hand

STORES = ("accounts.store", "engine.store", "desk.store", "connectors.store", "api.store", "admin.store")
COMMAND_TIMEOUT = 30.0
"""Seconds after which a statement is given up: no page and no job waits longer on one."""

STATEMENTS_KEPT = 400
"""Prepared statements a connection keeps: those of the pages and every shape of `engine.apply.ledger` in use."""

CANNOT_ROLL_BACK = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What a rollback meets on a connection that is dead, or that died in the middle of a statement."""

DYING = "the server was ending the connection when it was asked"
"""The driver calls this an internal error: it has read the server's last words, and not yet seen the end."""

SERVER_SETTINGS = {
    "application_name": "parvis",
    "timezone": "UTC",
    "jit": "off",
    # Less than a statement waits: who needs a row that a frozen process holds gets it after all.
    "idle_in_transaction_session_timeout": "20000",
}


class SafeTransaction(PostgresTransaction):
    """A transaction that a nested verb joins, and that returns its connection to the pool whatever COMMIT raises.

    A joined verb that fails dooms the whole: swallowing its error cannot commit half of what it wrote.
    """

    __slots__ = ("doomed", "finished")

    engine: "Database"

    def __init__(self, engine: "Database", allow_nested: bool = True) -> None:
        super().__init__(engine, allow_nested)
        self.doomed = False
        self.finished = False

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self.connection = await self.engine.borrow()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()
        except BaseException as error:
            await self.engine.give_back(self.connection, error)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._parent is not None:
            if error is not None and isinstance(self._parent, SafeTransaction):
                self._parent.doomed = True
            return False
        try:
            await self._end(failed=error is not None)
        except asyncpg.InternalClientError as unended:
            error = unended
            raise
        finally:
            self.finished = True
            self.engine.current_transaction.reset(self.context)
            await self.engine.give_back(self.connection, error)
        return False

    async def _end(self, failed: bool) -> None:
        if self._committed or self._rolled_back:
            return
        if not failed and not self.doomed:
            await self.commit()
            return
        try:
            await self.rollback()
        except CANNOT_ROLL_BACK:
            # The server does it when the connection ends, and the first error is the one to see.
            _cut(self.connection)
            if not failed:
                raise
        if not failed:
            raise TransactionDoomed(TransactionDoomed.__doc__)


class Borrowed:
    """The connection of the open transaction; when none is open, one that is given back afterwards."""

    __slots__ = ("_database", "_lent")

    def __init__(self, database: "Database") -> None:
        self._database, self._lent = database, None

    async def __aenter__(self) -> Any:
        current = self._database.current_transaction.get()
        if current is not None:
            return current.connection
        self._lent = await self._database.borrow()
        return self._lent

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lent is not None:
            await self._database.give_back(self._lent, error)


class OpenTransaction:
    """The transaction open in this task. One already finished counts as none, so that a background task started inside
    a transaction does not write on a connection that went back to the pool."""

    def __init__(self, name: str) -> None:
        self._variable: ContextVar[SafeTransaction | None] = ContextVar(name, default=None)

    def get(self) -> SafeTransaction | None:
        """Return the open transaction, or None."""
        transaction = self._variable.get()
        return None if transaction is None or transaction.finished else transaction

    def set(self, transaction: SafeTransaction | None) -> Token[SafeTransaction | None]:
        """Open: same contract as `ContextVar.set`."""
        return self._variable.set(transaction)

    def reset(self, token: Token[SafeTransaction | None]) -> None:
        """Close; an exit in another context than the entry (a cancelled generator) only forgets."""
        try:
            self._variable.reset(token)
        except ValueError:
            self._variable.set(None)


class Database(PostgresEngine):
    """PostgreSQL at `url` (TCP, or `postgresql://user@/name?host=/socket/folder`)."""

    def __init__(self, url: str) -> None:
        super().__init__(
            config={
                "dsn": url,
                "command_timeout": COMMAND_TIMEOUT,
                "statement_cache_size": STATEMENTS_KEPT,
                "server_settings": dict(SERVER_SETTINGS),
            }
        )
        self.url = url
        self.hand: Hand | None = None
        self.current_transaction = OpenTransaction("parvis_transaction")  # type: ignore[assignment]

    async def check_version(self) -> None:
        """Do not connect when constructed, as Piccolo does: opening is `open_database`'s."""

    async def prep_database(self) -> None:
        """Do not create extensions when constructed: the migrations do."""

    def transaction(self, allow_nested: bool = True) -> SafeTransaction:
        """Open a transaction, or join the one open in this task."""
        return SafeTransaction(self, allow_nested)

    def connection(self) -> Borrowed:
        """The connection of the open transaction, else one for the length of the context."""
        return Borrowed(self)

    async def borrow(self) -> Any:
        """A connection; without a pool, a new one."""
        return await (self.get_new_connection() if self.hand is None else self.hand.borrow())

    async def give_back(self, lent: Any, error: BaseException | None = None) -> None:
        """End what `borrow` began; `error` is what ended it. Never waits while there is a pool: a cancelled caller
        gives back all the same."""
        was_dying = isinstance(error, asyncpg.InternalClientError)
        if was_dying:
            _cut(lent)
        if self.hand is None:
            await lent.close()
        else:
            self.hand.give_back(lent)
        if was_dying:
            raise asyncpg.ConnectionDoesNotExistError(DYING) from error

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        async with self.connection() as lent:
            return await lent.fetch(query, *(args or ()))

    async def open_pool(self, size: int) -> None:
        """Lend up to `size` connections from now on."""
        await self.start_connection_pool(
            min_size=1, max_size=size, init=prepare, reset=keep_as_it_is, connect=connect, timeout=10
        )
        self.hand = Hand(self.pool, size)

    async def run_script(self, sql: str) -> None:
        """Run several statements at once (a migration), in the open transaction if there is one."""
        current = self.current_transaction.get()
        if current is not None:
            await current.connection.execute(sql)
            return
        async with self.transaction() as transaction:
            await transaction.connection.execute(sql)

    async def get_new_connection(self) -> Any:
        """Open one connection outside the pool, ready for JSON like those of the pool."""
        connection = await connect(**self.config)
        await prepare(connection)
        return connection

    async def close(self) -> None:
        """Close the pool; connections still busy after five seconds are cut."""
        (pool, self.pool), (hand, self.hand) = (self.pool, None), (self.hand, None)
        if pool is None or hand is None:
            return
        await hand.empty()
        try:
            await asyncio.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()


def _cut(lent: Any) -> None:
    """End a connection at once, unless the pool has done it already."""
    with contextlib.suppress(asyncpg.InterfaceError):
        lent.terminate()


async def connect(*where: Any, **how: Any) -> Any:
    """Open one connection. A server that is away is one kind of error, `ConnectionError`, whether it listens on a port
    or on a socket file, which is missing while it restarts.
    """
    try:
        return await asyncpg.connect(*where, **how)
    except FileNotFoundError as missing:
        raise ConnectionRefusedError(*missing.args) from missing


async def prepare(connection: Any) -> None:
    """Let parameters of type jsonb be given as text or as JSON values; results stay text, as Piccolo expects."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, schema="pg_catalog", encoder=_json_text, decoder=str, format="text")


async def keep_as_it_is(connection: Any) -> None:
    """Spend no round trip on resetting a connection that goes back to the pool: nothing here changes a session
    (settings are `SET LOCAL`, advisory locks end with their transaction, nobody listens on a connection of the pool).
    """


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def open_database(url: str, *, pool_size: int = 10, wait_seconds: float = 0.0) -> Database:
    """Open the pool on `url`; retry for `wait_seconds` while the server starts. Raises `DatabaseUnreachable`."""
    database = Database(url)
    loop = asyncio.get_running_loop()
    give_up = loop.time() + wait_seconds
    while True:
        try:
            await database.open_pool(pool_size)
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
            database.pool = None
            if loop.time() >= give_up:
                raise DatabaseUnreachable(
                    "Expected PostgreSQL to answer at DATABASE_URL, but it does not. Check that it runs there."
                ) from error
            await asyncio.sleep(0.2)
        else:
            return database


def stores() -> Iterator[Any]:
    """Yield the `store` package of every floor that has one, lowest first."""
    for name in STORES:
        floor = name.partition(".")[0]
        if importlib.util.find_spec(floor) and importlib.util.find_spec(name):
            yield importlib.import_module(name)


def all_tables() -> list[type[Table]]:
    """Return the Piccolo tables of all floors."""
    return [table for store in stores() for table in importlib.import_module(f"{store.__name__}.tables").TABLES]


def bind(database: PostgresEngine | None) -> None:
    """Make every table of every floor speak to `database`."""
    for table in all_tables():
        table._meta._db = database  # type: ignore[assignment]
