"""Inside: connectors whose only other side is the town: its database, its press."""

import asyncio
import contextlib
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.agenda.connector import AgendaConnector
from connectors.document import press
from connectors.document.connector import DocumentConnector
from connectors.errors import (
    InputMissing,
    PressFailed,
)
from desk import bookings, documents
from desk.files import FileStore
from engine.connector import BusinessError, Job
from engine.store.statements import value
from server.database import Database
from tests.connectors.benches.bench import PATIENCE, PERSON, SECRET, Bench
from tests.connectors.postbox import a_job, letters
from tests.desk.builders import a_case


class DatabaseBench(Bench):
    """A connector whose only other side is the town's database: `locked` is what it must read or write."""

    def __init__(self, now: Any, database: Database, one: Any, locked: str) -> None:
        super().__init__(now)
        self.database, self.one, self.locked = database, one, locked

    def job(self) -> Job:
        raise NotImplementedError

    def nonsense(self) -> Job:
        raise NotImplementedError

    async def refused(self) -> Job:
        """A job that is refused by what is already there."""
        raise NotImplementedError

    async def effects(self) -> int:
        """How many things the connector has done."""
        return 0

    async def success(self) -> None:
        assert (await self.one.run(self.job(), self.now)).variables

    async def refusal(self) -> None:
        job = await self.refused()
        await self.told(self.one.run(job, self.now), job, BusinessError)

    async def timeout(self) -> None:
        job = self.job()
        async with self._lock():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self.one.run(job, self.now)
        assert (await self.one.run(job, self.now)).variables, "the next try succeeds"

    async def cut(self) -> None:
        job = self.job()
        async with self._lock() as holder:
            running = asyncio.create_task(self.one.run(job, self.now))
            while not await holder.fetchval(CUT):
                assert not running.done(), "it did not wait for the table"
                await asyncio.sleep(0.02)
            with pytest.raises(Exception) as caught:
                await running
            self.said.append(type(caught.value).__name__)
        assert (await self.one.run(job, self.now)).variables, "the next try succeeds"

    async def slow(self) -> None:
        job = self.job()
        async with self._lock():
            running = asyncio.create_task(self.one.run(job, self.now))
            await asyncio.sleep(0.2)
            assert not running.done()
        assert (await running).variables

    async def garbage(self) -> None:
        job = self.nonsense()
        await self.told(self.one.run(job, self.now), job, BusinessError, InputMissing)

    async def replay(self) -> None:
        job = self.job()
        outcomes = [await self.one.run(job, self.now) for _ in range(2)]
        after_two = await self.effects()
        await self.one.run(job, self.now)
        assert outcomes[0].variables == outcomes[1].variables and await self.effects() == after_two

    @contextlib.asynccontextmanager
    async def _lock(self) -> AsyncIterator[Any]:
        """Somebody else holds the table; yields their connection."""
        holder = await self.database.get_new_connection()
        try:
            async with holder.transaction():
                await holder.execute(f"LOCK TABLE {self.locked} IN ACCESS EXCLUSIVE MODE")
                yield holder
        finally:
            await holder.close()


CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


class AgendaBench(DatabaseBench):
    """The agenda; each job wants the next day."""

    def __init__(self, now: Any, database: Database, case_id: Any) -> None:
        super().__init__(now, database, AgendaConnector(), "desk_booking")
        self.case_id, self.day = case_id, 0

    def job(self) -> Job:
        self.day += 1
        slot = f"salle-des-fetes/2026-12-{self.day:02}T09:00/2026-12-{self.day:02}T13:00"
        given = {"operation": "book", "slot": slot}
        return a_job("parvis:agenda", self.case_id, input=given, case={"applicant": PERSON})

    async def refused(self) -> Job:
        job = self.job()
        await bookings.book(await a_case(self.now), bookings.slot_of_key(job.input["slot"]), self.now)
        return job

    def nonsense(self) -> Job:
        given = {"operation": "book", "slot": f"{PERSON['name']}\x00/never/{SECRET}"}
        return a_job("parvis:agenda", self.case_id, input=given, case={"applicant": PERSON})

    async def effects(self) -> int:
        return int(await value("SELECT count(*) FROM desk_booking"))


class DepartmentBench(DatabaseBench):
    """The routing, over the real facts of the town."""

    def __init__(self, now: Any, database: Database, case_id: Any) -> None:
        from connectors.department.facts import town_facts
        from tests.connectors.test_department import connector

        one = connector()
        one.facts_of = town_facts
        super().__init__(now, database, one, "absence")
        self.case_id = case_id

    def job(self, category: str = "tree") -> Job:
        given = {"decision": "routing", "values": {"answers": {"category": category}}}
        return a_job("parvis:department", self.case_id, input=given, case={"applicant": PERSON})

    async def refused(self) -> Job:
        return self.job("moon")

    def nonsense(self) -> Job:
        return self.job(f"{PERSON['name']} {SECRET}")


class DocumentBench(Bench):
    """The document; its other side is the press, a child process."""

    def __init__(self, now: Any, folder: Path, case_id: Any, patch: pytest.MonkeyPatch) -> None:
        from tests.connectors.test_document import TOWN

        super().__init__(now)
        self.folder, self.case_id, self.patch = folder, case_id, patch
        self.one = DocumentConnector(letters, FileStore(folder), TOWN, secret=SECRET.encode())

    def job(self, **told: Any) -> Job:
        values = {"answers": {"name": PERSON["name"]}}
        given = {"layout": "letter", "letter": "answer", "title": "Accord", "values": values, **told}
        return a_job("parvis:document", self.case_id, input=given, case={"applicant": PERSON})

    async def success(self) -> None:
        assert (await self.one.run(self.job(), self.now)).variables

    async def refusal(self) -> None:
        job = self.job(register="Arrêtés")
        await self.told(self.one.run(job, self.now), job, InputMissing)

    async def timeout(self) -> None:
        await self._pressing("import time; time.sleep(30)")

    async def cut(self) -> None:
        await self._pressing("import os; os.kill(os.getpid(), 9)")

    async def garbage(self) -> None:
        await self._pressing("print('this is no PDF')")

    async def slow(self) -> None:
        script = f"import time, runpy; time.sleep(0.3); runpy.run_path({str(press.CHILD)!r}, run_name='__main__')"
        with self.patch.context() as patched:
            patched.setattr(press, "CHILD", self._script(script))
            assert (await self.one.run(self.job(), self.now)).variables

    async def replay(self) -> None:
        job = self.job()
        outcomes = [await self.one.run(job, self.now) for _ in range(2)]
        known = [each.number for each in await documents.of_case(self.case_id)]
        assert outcomes[0] == outcomes[1] and len(known) == len(set(known))

    async def _pressing(self, script: str) -> None:
        job = self.job()
        with self.patch.context() as patched:
            patched.setattr(press, "CHILD", self._script(script))
            patched.setattr(press, "PATIENCE", PATIENCE)
            await self.told(self.one.run(job, self.now), job, PressFailed)
        assert (await self.one.run(job, self.now)).variables, "the next try succeeds"

    def _script(self, text: str) -> Path:
        path = self.folder / "child.py"
        path.write_text(f"# {sys.executable}\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IRUSR)
        return path
