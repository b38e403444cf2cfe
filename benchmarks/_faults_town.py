"""The town of the faults benchmark: its servers and processes, who files by HTTP, who kills, and how it settles."""

import asyncio
import hashlib
import hmac
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from accounts.departments import upsert
from benchmarks import _faults_models as models
from benchmarks._faults_check import History, check
from benchmarks._faults_ledger import Ledger, MovedClock
from benchmarks._faults_process import CLERK, LEASE, is_flooded
from benchmarks._faults_reading import WATCH, read_history
from desk import drafts, resources
from desk.drafts import Owner
from desk.slots import Opening
from engine import deployments
from engine.store.statements import run, value
from server import processes
from server.database import bind, open_database
from server.embedded import Servers, attach, read_addresses
from server.migrate import migrate
from server.town.place import DEPARTMENTS, ROOMS

ROOT = Path(__file__).parent.parent
PROCESSES = (("web", "1"), ("desk", "1"), ("desk", "2"), ("worker", "1"), ("worker", "2"))
FAULTS = {"web": 2, "desk": 4, "worker": 5, "frozen worker": 2, "postgresql": 3, "valkey": 2, "frozen valkey": 1}
# The spans that the scenarios of the bookings ask for.
SPANS = ((time(9), time(13)), (time(14), time(18)), (time(9), time(1)))
SETTLE_SECONDS = 240.0
"""Without anything that moves."""
WORK_BETWEEN, LONGEST_WAIT = 2_000, 30.0
"""Bytes of ledger (about twenty commands) between two kills; seconds they are waited for."""
MOVED = """SELECT (SELECT count(*) FROM engine_job WHERE state NOT IN ('queued', 'leased'))
    + (SELECT count(*) FROM engine_instance WHERE status <> 'running')"""
# Commits are acknowledged before they reach the disk, and reach it late.
UNDURABLE = (
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET wal_writer_delay = '10s'",
    "ALTER SYSTEM SET wal_writer_flush_after = '2GB'",
    "SELECT pg_reload_conf()",
)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do where."""

    folder: Path
    kills: int
    broken: bool = False
    seed: int | None = None


async def suffered(plan: Plan) -> tuple[int, dict[str, list[str]], dict[str, int]]:
    """Kills done, violations found, and how much was done meanwhile."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    (plan.folder / "ledger").mkdir()
    with attach(plan.folder / "data") as servers:
        town = Town(plan, servers)
        await town.open()
        try:
            await town.start()
            kills = await town.suffer()
            await town.settle()
            history = await town.end()
        finally:
            town.end_processes()
            await town.close()
    return kills, check(history), _load(history)


def _load(history: History) -> dict[str, int]:
    acknowledged = Counter(line.verb for line in history.lines if line.phase == "acknowledged")
    failed = Counter(line.key for line in history.lines if line.verb == "failed")
    ended = Counter(instance.status for instance in history.instances)
    return {
        **dict(sorted(acknowledged.items())),
        **{f"instances {status}": count for status, count in ended.items()},
        **{f"callers met {error}": count for error, count in failed.items()},
        "timers": sum(change.set for change in history.timer_changes),
        "history": len(history.passages),
    }


class Town:
    """Everything that runs, and what the benchmark does to it."""

    def __init__(self, plan: Plan, servers: Servers) -> None:
        self.folder, self.plan, self.servers = plan.folder, plan, servers
        self.clock = MovedClock(self.folder / "clock")
        self.ledger = Ledger(self.folder / "ledger" / "browsers.jsonl")
        self.chance = random.Random(plan.seed)
        self.running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self.filing = True

    async def open(self) -> None:
        """An empty town with its procedures in service."""
        self.database = await open_database(self.servers.database_url, pool_size=4)
        await migrate(self.database)
        bind(self.database)
        await run(WATCH)
        for department in DEPARTMENTS:
            await upsert(department)
        openings = tuple(Opening(weekday=d, begin=b, until=u, label="day") for d in range(1, 8) for b, u in SPANS)
        for room in ROOMS:
            await resources.define_resource(room, openings, self.clock())
        for bundle in models.bundles():
            await deployments.publish(bundle, CLERK, self.clock())
        if self.plan.broken:
            for statement in UNDURABLE:
                await run(statement)
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        (self.folder / "port").write_text(str(self.port))
        addresses = {"database_url": self.servers.database_url, "valkey_url": self.servers.valkey_url}
        (self.folder / "town.json").write_bytes(msgspec.json.encode(addresses))

    async def close(self) -> None:
        await self.database.close()
        bind(None)

    # --- processes ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start every process, and wait until the web answers."""
        for kind, number in PROCESSES:
            self._launch(kind, number)
        async with asyncio.timeout(300), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/sante")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)

    def _launch(self, kind: str, number: str) -> None:
        words = [sys.executable, "-m", "benchmarks._faults_process", kind, str(self.folder), number]
        with (self.folder / f"{kind}-{number}.log").open("ab") as log:
            self.running[kind, number] = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)

    def _kill(self, kind: str) -> None:
        kind, number = self.chance.choice([each for each in self.running if each[0] == kind])
        victim = self.running[kind, number]
        if kind != "web" and not list((self.folder / "ledger").glob(f"*-{victim.pid}.jsonl")):
            # It has not begun yet: let its sister die.
            number = {"1": "2", "2": "1"}[number]
            victim = self.running[kind, number]
        victim.kill()
        victim.wait()
        self._launch(kind, number)

    def end_processes(self) -> None:
        """Kill what still runs."""
        for process in self.running.values():
            process.kill()
            process.wait()

    # --- faults ------------------------------------------------------------------------------------------------------

    async def suffer(self) -> int:
        """Load and faults. Returns how many faults there were."""
        filing = [asyncio.create_task(self._file_in_browsers(number)) for number in range(2)]
        kinds = self.chance.choices(list(FAULTS), list(FAULTS.values()), k=self.plan.kills)
        # A short run meets every kind too.
        kinds[: len(FAULTS)] = self.chance.sample(list(FAULTS), min(len(FAULTS), self.plan.kills))
        for number, kind in enumerate(kinds):
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))
            await self._until_work_is_done()
            await self._fault(kind)
            print(f"{number + 1} {kind}", file=sys.stderr, flush=True)
            if number % 4 == 3:
                self.clock.jump(timedelta(hours=self.chance.choice((1, 1, 6, 24))))
        self.filing = False
        await asyncio.gather(*filing)
        return len(kinds)

    async def _until_work_is_done(self) -> None:
        """A kill in the middle of nothing proves nothing: on a busy machine the next one waits for work, a while."""
        loop = asyncio.get_running_loop()
        begun, give_up = self._written(), loop.time() + LONGEST_WAIT
        while True:
            await asyncio.sleep(0.1)
            if self._written() >= begun + WORK_BETWEEN or loop.time() > give_up:
                return

    def _written(self) -> int:
        return sum(path.stat().st_size for path in (self.folder / "ledger").iterdir())

    async def _fault(self, kind: str) -> None:
        match kind:
            case "frozen worker":
                victim = self.running[self.chance.choice([each for each in self.running if each[0] == "worker"])]
                await self._freeze(victim.pid, LEASE * 1.5)
            case "frozen valkey":
                await self._freeze(await self._server("valkey"), 2)
            case "postgresql" | "valkey":
                os.kill(await self._server(kind), signal.SIGKILL)
            case _:
                self._kill(kind)

    async def _freeze(self, pid: int, seconds: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    async def _server(self, name: str) -> int:
        """Its process: the one that was announced, once it is there again after the last kill."""
        while True:
            addresses = read_addresses(self.folder / "data")
            if addresses is not None and processes.is_running(getattr(addresses, name)):
                return int(getattr(addresses, name))
            await asyncio.sleep(0.1)

    # --- browsers ----------------------------------------------------------------------------------------------------

    async def _file_in_browsers(self, number: int) -> None:
        """Reports filed over HTTP: the send button is pressed until there is a receipt."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
            turn = 0
            while self.filing:
                turn += 1
                try:
                    if await is_flooded():
                        await asyncio.sleep(0.3)
                        continue
                    visitor = f"visitor-{number}-{turn}"
                    draft = await self._draft(visitor)
                    await self._send(client, visitor, draft)
                except Exception:
                    await asyncio.sleep(0.3)

    async def _draft(self, visitor: str) -> UUID:
        slug, now = "incident_report", self.clock()
        version = await deployments.active(slug)
        filing = self.chance.choice(models.filings(slug))
        owner = Owner(browser=visitor)
        draft = await drafts.begin(
            slug, form=filing.form, definition_hash=version.hash, owner=owner, now=now, answers=filing.answers
        )
        return draft.id

    async def _send(self, client: httpx.AsyncClient, visitor: str, draft: UUID) -> None:
        token = hmac.new(b"0" * 64, f"csrf\x1f{visitor}".encode(), hashlib.sha256).hexdigest()
        headers = {"cookie": f"parvis-visitor={visitor}", "x-csrf": token}
        self.ledger.write("send", str(draft), "asked")
        while self.filing:
            try:
                answer = await client.post(f"/demandes/{draft}/envoyer", headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 303 and answer.headers["location"].endswith("/recu"):
                self.ledger.write("send", str(draft), "acknowledged")
                return
            if answer.status_code < 500:
                self.ledger.write("send", str(draft), "refused", status=answer.status_code)
                return
            await asyncio.sleep(0.2)

    # --- the end -----------------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Nobody kills any more: the torture ends, the clock moves until nothing is due."""
        (self.folder / "finish").touch()
        loop = asyncio.get_running_loop()
        moved, since = -1, loop.time()
        while loop.time() < since + SETTLE_SECONDS:
            await asyncio.sleep(1)
            try:
                if await self._is_quiet():
                    return
                if (now_moved := await value(MOVED)) != moved:
                    moved, since = now_moved, loop.time()
                # A clock that runs away from work in hand would end its leases before it can be reported.
                if await value("SELECT EXISTS (SELECT FROM engine_job WHERE state = 'leased')"):
                    continue
            except Exception:
                # The last kill may have been PostgreSQL's.
                continue
            self.clock.jump(timedelta(minutes=1))

    async def _is_quiet(self) -> bool:
        now = self.clock()
        busy = await value(
            """SELECT EXISTS (SELECT FROM engine_instance i JOIN engine_case c ON c.id = i.case_id
                    WHERE i.status = 'running' AND c.procedure LIKE 'torture%')
                OR EXISTS (SELECT FROM engine_job WHERE state IN ('queued', 'leased') AND due_at <= $1)
                OR EXISTS (SELECT FROM engine_timer WHERE due_at <= $1)""",
            now,
        )
        return not busy

    async def end(self) -> History:
        """Stop every process as an operator does, then read what is left."""
        for process in self.running.values():
            process.terminate()
        ends = (asyncio.to_thread(process.wait, 60) for process in self.running.values())
        await asyncio.gather(*ends, return_exceptions=True)
        return await read_history(self.folder, self.clock())
