"""The processes of the faults benchmark: `python -m benchmarks._faults_process web|desk|worker FOLDER NUMBER`.

`web` is the product's own web process; `desk` calls its verbs as pages and API do, and writes down what it asked and
what was acknowledged; `worker` runs the product's chores, and writes down every connector call.
"""

import asyncio
import hashlib
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
import uvloop

from benchmarks import _faults_models as models
from benchmarks._faults_ledger import Ledger, MovedClock
from connectors import wiring
from connectors.runner import Runner
from engine import cases, deployments, incidents, jobs, messages, tasks
from engine.actor import Actor
from engine.connector import BusinessError, Connector, Job, JobOutcome, TryLater
from engine.errors import EngineError
from engine.store.statements import rows, value
from server.app import create_app
from server.chores import fire_timers
from server.logs import configure_logs
from server.opened import Opened, opened
from server.settings import Settings
from server.worker import Chore, Worker
from server.working import mail_ready

LEASE, DEADLINE = 3.0, 20.0
"""Seconds: short, so that a frozen worker is past its lease soon."""
CALLERS = 3
MOST_JOBS = 200
CLERK = Actor(kind="system", name="Faults")
JOB_NAMES = ("work", "many", "inside", "pay", "refund", "chime")


def settings_of(folder: Path) -> Settings:
    """The settings of the benchmark's town, which its first process has written."""
    given = msgspec.json.decode((folder / "town.json").read_bytes())
    return Settings(**given, data_dir=folder / "data", secret_key="0" * 64, pool_size=6)


async def is_flooded() -> bool:
    """The workers have enough to do: what is filed now would only wait, and no kill would meet it at work."""
    due = "SELECT count(*) FROM (SELECT FROM engine_job WHERE state IN ('queued', 'leased') LIMIT $1) waiting"
    return int(await value(due, MOST_JOBS)) >= MOST_JOBS


class Trouble:
    """A connector that does everything a connector may do, decided by the job and its attempt."""

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Succeed, mostly."""
        chance = hashlib.sha256(f"{job.id}{job.attempt}".encode()).digest()[0] % 20
        if chance < 2:
            raise ConnectionError("the other side is away")
        if chance < 4:
            raise TryLater(timedelta(seconds=1))
        if chance == 4:
            await asyncio.sleep(LEASE * 1.5)
        if chance == 5 and job.type == "torture:work":
            raise BusinessError("REFUSED", "the other side has refused")
        await asyncio.sleep(0.01)
        return JobOutcome(variables={"by": str(job.id)})


class Watched:
    """A connector whose every call is in the ledger, before it does anything."""

    def __init__(self, connector: Connector, ledger: Ledger) -> None:
        self._connector, self._ledger = connector, ledger

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Write down, then do."""
        self._ledger.write("effect", str(job.id), "effect", attempt=job.attempt, type=job.type)
        return await self._connector.run(job, now)


def watch_reports(ledger: Ledger) -> None:
    """Write down every report of a job, and what was acknowledged."""
    said = {"report": "complete", "throw_error": "throw_error", "fail": "fail", "postpone": "postpone"}
    for name, verb in said.items():
        setattr(jobs, name, _watched(verb, getattr(jobs, name), ledger))


def _watched(name: str, verb: Callable[..., Awaitable[bool]], ledger: Ledger) -> Callable[..., Awaitable[bool]]:
    async def report(job_id: Any, attempt: int, *arguments: Any, **named: Any) -> bool:
        key = f"{job_id} {attempt}"
        ledger.write(name, key, "asked")
        took = await verb(job_id, attempt, *arguments, **named)
        ledger.write(name, key, "acknowledged" if took else "refused")
        return took

    return report


async def work(town: Opened, ledger: Ledger) -> None:
    """A worker until SIGTERM."""
    watch_reports(ledger)
    async with mail_ready(town.settings) as given:
        connectors = wiring.all_connectors(wiring.connections_of(given))
        trouble = {f"torture:{name}": Trouble() for name in JOB_NAMES}
        watched = {kind: Watched(each, ledger) for kind, each in {**connectors, **trouble}.items()}
        name = f"worker {os.getpid()}"
        runner = Runner(watched, worker=name, lease=LEASE, deadline=DEADLINE, clock=town.clock)
        worker = Worker(
            [Chore("jobs", runner.take, ("jobs",), finish=runner.finish), Chore("timers", fire_timers, ("timers",))],
            town.clock,
        )
        town.channels.listen(worker.hear)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        await worker.run()


class Desk:
    """Somebody who files, answers, publishes, resolves and cancels, a few things at a time."""

    def __init__(self, town: Opened, ledger: Ledger, folder: Path, number: str) -> None:
        self.town, self.ledger, self.folder = town, ledger, folder
        self.name, self.filed, self.stopping = f"{number}.{os.getpid()}", 0, False

    async def live(self) -> None:
        """Until SIGTERM."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, partial(setattr, self, "stopping", True))
        await asyncio.gather(*(self._call() for _ in range(CALLERS)))

    async def _call(self) -> None:
        while not self.stopping:
            finishing = (self.folder / "finish").exists()
            choices = [(self.answer, 8), (self.publish, 3), (self.resolve, 2)]
            choices += [] if finishing else [(self.file, 4), (self.cancel, 0.1)]
            verb = random.choices([verb for verb, _ in choices], [weight for _, weight in choices])[0]
            try:
                if verb == self.file and await is_flooded():
                    continue
                await verb()
            except EngineError:
                continue
            except Exception as away:
                # The database is away, or a deadlock was broken: whoever asks asks again.
                self.ledger.write("failed", type(away).__name__, "refused", said=str(away)[:200])
                await asyncio.sleep(0.2)
            await asyncio.sleep(random.random() * 0.05)

    async def file(self) -> None:
        """File a case, and again with the same key until it is acknowledged, as a browser does."""
        slug = random.choice((models.TORTURE, models.TORTURE, models.TORTURE, *models.OF_THE_TOWN))
        filing = random.choice(models.filings(slug))
        self.filed += 1
        key = f"{slug} {filing.story} {self.name}.{self.filed}.{random.getrandbits(32)}"
        self.ledger.write("file", key, "asked")
        if slug == models.TORTURE and random.random() < 0.3:
            # An answer that comes before anybody waits for it.
            await self._publish(key, timedelta(days=60))
        case = await cases.start(
            await deployments.active_definition(slug),
            {**models.another_day(filing.answers, random.Random()), "key": key},
            form=filing.form,
            origin="online",
            language="fr",
            channel="email",
            applicant=None,
            by=CLERK,
            now=self.town.clock(),
            key=key,
        )
        self.ledger.write("file", key, "acknowledged", case=str(case.case_id))

    async def answer(self) -> None:
        """Complete an open task."""
        found = await rows(
            """SELECT t.id, t.procedure, t.element, c.key FROM engine_task t JOIN engine_case c ON c.id = t.case_id
                WHERE t.state IN ('open', 'claimed') ORDER BY random() LIMIT 1"""
        )
        for task in found:
            story = int(task["key"].split()[1]) if task["key"] and len(task["key"].split()) == 3 else 0
            answers = models.answers_to(task["procedure"], task["element"], story)
            key = f"{task['id']} {random.getrandbits(64):x}"
            self.ledger.write("answer", key, "asked")
            await tasks.complete(task["id"], {**answers, "faults_key": key}, CLERK, self.town.clock())
            self.ledger.write("answer", key, "acknowledged")

    async def publish(self) -> None:
        """Publish the answer that somebody waits for."""
        found = await rows(
            "SELECT key FROM engine_subscription WHERE name = $1 AND key IS NOT NULL ORDER BY random() LIMIT 1",
            models.MESSAGE,
        )
        for waiting in found:
            await self._publish(waiting["key"], timedelta(0))

    async def _publish(self, key: str, ttl: timedelta) -> None:
        message_id = f"m{random.getrandbits(64):x}"
        self.ledger.write("publish", message_id, "asked")
        for _ in range(2):
            # Sent twice, as a gateway that heard no answer does; the second reaches nobody.
            reached = await messages.publish(
                models.MESSAGE, key, {"answer": message_id}, now=self.town.clock(), message_id=message_id, ttl=ttl
            )
            self.ledger.write("publish", message_id, "acknowledged", reached=reached)

    async def resolve(self) -> None:
        """Try a blocked step again."""
        for incident in await incidents.open_of(None, limit=5):
            key = str(incident.id)
            self.ledger.write("resolve", key, "asked")
            if await incidents.resolve(incident.id, CLERK, self.town.clock()):
                self.ledger.write("resolve", key, "acknowledged")

    async def cancel(self) -> None:
        """Cancel a case of the torture process."""
        found = await rows(
            "SELECT id FROM engine_case WHERE procedure = $1 AND closed_at IS NULL ORDER BY random() LIMIT 1",
            models.TORTURE,
        )
        for case in found:
            self.ledger.write("cancel", str(case["id"]), "asked")
            await cases.cancel(case["id"], "Torture", CLERK, self.town.clock())
            self.ledger.write("cancel", str(case["id"]), "acknowledged")


async def live(kind: str, folder: Path, number: str) -> None:
    """Open the town and do what this kind of process does."""
    ledger = Ledger(folder / "ledger" / f"{kind}-{number}-{os.getpid()}.jsonl")
    async with opened(settings_of(folder), clock=MovedClock(folder / "clock")) as town:
        if kind == "worker":
            await work(town, ledger)
        else:
            await Desk(town, ledger, folder, number).live()


def main(kind: str, where: str, number: str) -> None:
    """Live until killed."""
    folder = Path(where)
    configure_logs(pretty=False)
    if kind == "web":
        application = create_app(settings_of(folder), clock=MovedClock(folder / "clock"))
        uvicorn.run(application, host="127.0.0.1", port=int((folder / "port").read_text()), log_level="error")
    else:
        uvloop.run(live(kind, folder, number))


if __name__ == "__main__":
    main(*sys.argv[1:])
