"""Fixtures every test may ask for: a real, fresh PostgreSQL database, a real Valkey, and a fixed now.

One embedded cluster serves the whole run, shared by the workers of pytest-xdist; the migrated template is cloned
for each test that asks for `database`.
"""

import asyncio
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest
from valkey.asyncio import Valkey

from server.database import Database, bind, open_database
from server.embedded import Servers, attach
from server.migrate import migrate
from server.settings import Settings
from tests.emptying import emptied, shape_of

# No test depends on how fast the machine is.
hypothesis.settings.register_profile("parvis", deadline=None)
hypothesis.settings.load_profile("parvis")

_numbers = itertools.count(1)
# Databases that tests have left empty, with their shapes: making one costs ten times as much as emptying it.
_free: dict[str, str] = {}


def address_of(servers: Servers, name: str) -> str:
    """Return the address of another database of the same cluster."""
    return urlunsplit(urlsplit(servers.database_url)._replace(path=f"/{name}"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--screens FOLDER`: browser tests keep a picture of every page they look at."""
    help_text = "keep pictures of the pages browser tests look at"
    parser.addoption("--screens", default=None, metavar="FOLDER", help=help_text)


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning."""
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The cluster of this run. Its folder is named after the run, so that all workers of xdist meet in the same one."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"parvis-tests-{os.geteuid()}-{run}"
    with attach(folder, durable=False) as shared:
        _make_template_once(folder, shared)
        yield shared
    if not (folder / "servers.json").exists():
        shutil.rmtree(folder, ignore_errors=True)


def _make_template_once(folder: Path, servers: Servers) -> None:
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "template.done"
        if not done.exists():
            asyncio.run(_make_template(servers))
            done.touch()


async def _make_template(servers: Servers) -> None:
    await _administer(servers, "CREATE DATABASE parvis_template")
    database = await open_database(address_of(servers, "parvis_template"), pool_size=2)
    try:
        await migrate(database)
    finally:
        await database.close()
        bind(None)


async def _administer(servers: Servers, statement: str) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """An empty, migrated database of this test alone; all tables are bound to it."""
    if not _free:
        name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{next(_numbers)}"
        await _administer(servers, f"CREATE DATABASE {name} TEMPLATE parvis_template STRATEGY FILE_COPY")
        _free[name] = await shape_of(address_of(servers, name))
    name, shape = _free.popitem()
    opened = await open_database(address_of(servers, name), pool_size=8)
    bind(opened)
    try:
        yield opened
    finally:
        await opened.close()
        bind(None)
        if await emptied(address_of(servers, name), shape):
            _free[name] = shape
        else:
            await _administer(servers, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def valkey(servers: Servers) -> AsyncIterator[Valkey]:
    """An empty Valkey database of this worker alone."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16
    client = Valkey.from_url(servers.valkey_url, db=number)
    await client.flushdb()
    try:
        yield client
    finally:
        await client.aclose()


@pytest.fixture
def settings(servers: Servers, database: Database, tmp_path: Path) -> Settings:
    """Settings that point to this test's own database, with mail kept in the local sink."""
    return Settings(
        database_url=database.url, valkey_url=servers.valkey_url, data_dir=tmp_path / "data", secret_key="0" * 64
    )
