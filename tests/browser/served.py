"""The served town as tests hold it: its address, its clock, its mails. Knows nothing of browsers: see `visitor`."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
from valkey import Valkey

from server.embedded import Servers
from server.mail_sink import MailSink, SunkMessage
from tests.browser.town import MORNING
from tests.conftest import address_of

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


class ServedTown:
    """One town of this worker of the test run."""

    def __init__(self, folder: Path, address: str, database_url: str, valkey_url: str) -> None:
        self.address = address
        self.sink = MailSink(folder)
        self._clock = folder / "clock"
        self._database_url = database_url
        self._valkey = Valkey.from_url(valkey_url)
        self._begun = time.monotonic()

    def live_on(self, **duration: float) -> None:
        """Moves the town's clock ahead: `live_on(days=2, hours=3)`."""
        ahead = float(self._clock.read_text("ascii")) + timedelta(**duration).total_seconds()
        written = self._clock.with_suffix(".written")
        written.write_text(str(ahead), "ascii")
        os.replace(written, self._clock)

    def today(self) -> date:
        """The town's present day."""
        ahead = float(self._clock.read_text("ascii"))
        return (MORNING + timedelta(seconds=time.monotonic() - self._begun + ahead)).date()

    def forgive(self) -> None:
        """Empties the counters of tries, kept in Valkey: tests come from one address, at the speed of machines."""
        self._valkey.flushdb()

    def mails(self, to: str, about: str = "") -> list[SunkMessage]:
        """What was written to this address, newest first."""
        return [mail for mail in self.sink.recent(500) if to in mail.to and about in mail.subject]

    def mail(self, to: str, about: str) -> SunkMessage:
        """The newest mail to this address about this, waited for."""
        give_up = time.monotonic() + PATIENCE
        while not (found := self.mails(to, about)):
            subjects = [mail.subject for mail in self.mails(to)]
            assert time.monotonic() < give_up, f"No mail to {to} about “{about}”; there are {subjects}"
            time.sleep(0.1)
        return found[0]

    def sign_everybody_out(self) -> None:
        """Ends every session, as if all had been left alone for too long."""
        self.run_sql("DELETE FROM session")
        self.forgive()

    def run_sql(self, statement: str, *values: object) -> None:
        """Changes the database behind the town's back, as an accident would."""

        async def run() -> None:
            connection = await asyncpg.connect(self._database_url)
            try:
                await connection.execute(statement, *values)
            finally:
                await connection.close()

        in_its_own_thread(run)


def in_its_own_thread(coroutine_function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs asyncio beside Playwright, which keeps a loop of its own in the main thread."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(coroutine_function())
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


@contextmanager
def serving(servers: Servers, folder: Path) -> Iterator[ServedTown]:
    """A town with a fresh database, served by a process of its own until the block ends."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"browser_{worker}"
    in_its_own_thread(lambda: _make_database(servers, name))
    valkey_url = _own_valkey(servers.valkey_url, worker)
    (folder / "clock").write_text("0", "ascii")
    given = {"folder": str(folder), "database_url": address_of(servers, name), "valkey_url": valkey_url}
    with (folder / "town.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.town", json.dumps(given)], cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield ServedTown(folder, _address(folder, process), given["database_url"], valkey_url)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _make_database(servers: Servers, name: str) -> None:
    connection = await asyncpg.connect(servers.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE parvis_template STRATEGY FILE_COPY")
    finally:
        await connection.close()


def _own_valkey(url: str, worker: str) -> str:
    """A Valkey database that no other test of the run empties: those of `tests.conftest` take the numbers from 0."""
    number = 8 + int(worker.removeprefix("gw")) % 8 if worker.startswith("gw") else 8
    return f"{url}{'&' if '?' in url else '?'}db={number}"


def _address(folder: Path, process: "subprocess.Popen[bytes]") -> str:
    give_up = time.monotonic() + 60
    while not (folder / "address").exists():
        if process.poll() is not None or time.monotonic() > give_up:
            raise AssertionError(f"The town is not served: {(folder / 'town.log').read_text('utf-8')[-3000:]}")
        time.sleep(0.05)
    return (folder / "address").read_text("ascii")
