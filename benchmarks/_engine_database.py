"""What a step costs over a real PostgreSQL, and the bound it is compared with, in the same run and tables."""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks._engine_models import JOB, TIMER, USER, bundle, chain
from engine import cases, deployments, jobs, tasks, timers
from engine.actor import SYSTEM
from engine.connector import JobOutcome
from engine.definition import Definition
from engine.ids import new_id
from engine.store.statements import rows, run, value
from engine.wake import Hint, on_wake

CALLERS = 4
CASES_A_TURN = 100
ANSWERS = {f"field_{number}": "x" * 20 for number in range(15)}
# One statement: a 1.2 kB state moved, one task, one history and one job row added, in the product's own tables.
BOUND = """WITH moved AS (UPDATE engine_instance SET rev = rev + 1, state = $2 WHERE id = $1 RETURNING case_id),
    task AS (INSERT INTO engine_task (id, case_id, instance_id, token, procedure, definition_hash, element, name,
        department, audience, candidate_groups, candidate_users, state, priority, input, opened_at)
        SELECT $3, case_id, $1, $6, 'measure', 'h', 'E0', 'E0', 'anyone', 'department', '{}', '{}', 'open', 50,
        '{}'::jsonb, $5 FROM moved),
    job AS (INSERT INTO engine_job (id, case_id, instance_id, token, procedure, definition_hash, element, type, state,
        attempt, retries, failures, priority, headers, input, context, due_at, queued_at)
        SELECT $4, case_id, $1, $6, 'measure', 'h', 'E1', 'bound', 'queued', 0, 3, 0, 50, '{}'::jsonb, '{}'::jsonb,
        '{}'::jsonb, $5, $5 FROM moved)
    INSERT INTO engine_history (case_id, instance_id, token, happened, element, name, kind, at, actor_name, details)
        SELECT case_id, $1, $6, 'entered', 'E0', 'E0', 'userTask', $5, 'measure', '{}'::jsonb FROM moved"""

NOTHING_DUE = "UPDATE engine_job SET state = 'done' WHERE state <> 'done'"


def now() -> datetime:
    """The machine's clock: latency is measured in real time."""
    return datetime.now(UTC)


async def filed(definition: Definition, key: str, at: datetime) -> UUID:
    """One case of the measured procedure."""
    case = await cases.start(
        definition,
        ANSWERS,
        form="request",
        origin="online",
        language="fr",
        channel="email",
        applicant=None,
        by=SYSTEM,
        now=at,
        key=key,
    )
    return case.case_id


async def published(body: str, slug: str) -> Definition:
    """The procedure in service."""
    deployment = await deployments.publish(bundle(body, slug), SYSTEM, now())
    return await deployments.definition_of(deployment.hash)


class Rate:
    """How many of something were done in how many seconds, gathered from several spells."""

    def __init__(self) -> None:
        self.done, self.seconds = 0, 0.0

    @property
    def per_second(self) -> float:
        """So many a second."""
        return self.done / self.seconds

    async def spell(self, work: Awaitable[int]) -> None:
        """Count what this work says that it has done."""
        begun = time.perf_counter()
        self.done += await work
        self.seconds += time.perf_counter() - begun


class Bound:
    """The bound statement, by `CALLERS` callers at once, each on an instance of its own, or by one."""

    def __init__(self, instances: list[UUID]) -> None:
        self._instances = instances
        self._alone: list[float] = []
        self._tokens = itertools.count(10)

    @staticmethod
    async def prepared() -> "Bound":
        """With its instances filed."""
        definition = await published(chain(USER), "bound")
        cases_filed = [await filed(definition, f"bound {number}", now()) for number in range(CALLERS)]
        found = "SELECT id FROM engine_instance WHERE case_id = $1"
        return Bound([await value(found, case_id) for case_id in cases_filed])

    @property
    def median(self) -> float:
        """b: the median seconds of a statement at one connection."""
        return statistics.median(self._alone)

    async def measure(self, rate: Rate, seconds: float) -> None:
        """Let all callers work for so long."""
        until = time.perf_counter() + seconds

        async def call(instance_id: UUID) -> int:
            done = 0
            while time.perf_counter() < until:
                await self._statement(instance_id)
                done += 1
            return done

        await rate.spell(_sum(call(instance_id) for instance_id in self._instances))

    async def measure_alone(self, seconds: float) -> None:
        """Let one caller work for so long."""
        until = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < until:
            await self._statement(self._instances[0])
            self._alone.append(time.perf_counter() - begun)

    async def _statement(self, instance_id: UUID) -> None:
        moment, token = now(), next(self._tokens)
        await run(BOUND, instance_id, b"x" * 1200, new_id(moment), new_id(moment), moment, token)

    async def clear(self) -> None:
        """Leave no job behind that somebody would lease."""
        await run("DELETE FROM engine_job WHERE type = 'bound'")


async def durable_steps(rate: Rate, turn: int) -> None:
    """Acknowledged commands of the 6-element process: so many cases filed, answered, worked on, answered, worked on.
    Each command is one commit; leasing the jobs counts as time, not as a step."""
    definition = await published(chain(USER, JOB, USER, JOB), "six")

    async def file(number: int) -> UUID:
        return await filed(definition, f"six {turn} {number}", now())

    async def answer(task_id: UUID) -> None:
        await tasks.complete(task_id, {}, SYSTEM, now())

    async def work(leased: jobs.LeasedJob) -> None:
        await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), now())

    cases_filed: list[UUID] = []
    await rate.spell(_each(range(CASES_A_TURN), file, cases_filed))
    for _ in range(2):
        await rate.spell(_each(await _tasks_of(cases_filed), answer))
        leased: list[jobs.LeasedJob] = []
        await rate.spell(_lease(leased))
        await rate.spell(_each(leased, work))


async def _lease(leased: list[jobs.LeasedJob]) -> int:
    leased += await jobs.lease(CASES_A_TURN, "measure", now(), types=("measure",))
    return 0


async def _each(
    arguments: Iterable[Any], command: Callable[[Any], Awaitable[Any]], answers: list[Any] | None = None
) -> int:
    """One command for each argument, by `CALLERS` callers at once; what they answered is added to `answers`."""
    left = iter(arguments)

    async def call() -> int:
        done = 0
        for argument in left:
            answer = await command(argument)
            done += 1
            if answers is not None:
                answers.append(answer)
        return done

    return await _sum(call() for _ in range(CALLERS))


async def _sum(works: Iterable[Awaitable[int]]) -> int:
    return sum(await asyncio.gather(*works))


async def drained(rate: Rate, due: int, turn: int) -> None:
    """Timers fired and jobs reported from a backlog, half of each, of which everything is due."""
    half = due // 2
    of_timers, of_jobs = await published(chain(TIMER), "backlog"), await published(chain(JOB), "jobs")

    async def file(number: int) -> None:
        await filed(of_timers, f"backlog {turn} {number}", now())
        await filed(of_jobs, f"jobs {turn} {number}", now())

    await _each(range(half), file)
    later = now() + timedelta(days=2)

    async def work() -> int:
        done = 0
        while leased := await jobs.lease(100, "measure", later, types=("measure",)):
            reports = (jobs.report(each.job.id, each.job.attempt, JobOutcome(), later) for each in leased)
            done += sum(await asyncio.gather(*reports))
        return done

    before = rate.done
    await rate.spell(_sum((timers.fire_due(half, later), timers.fire_due(half, later), work(), work())))
    assert rate.done - before == 2 * half, f"{rate.done - before} of {2 * half} were done"


async def completions(seconds: float, offered: float) -> list[float]:
    """Seconds from when `tasks.complete` was due to be called until it was acknowledged, `offered` a second."""
    definition = await published(chain(USER), "complete")
    count = max(int(seconds * offered), 20)
    numbers = iter(range(count))
    ready: list[UUID] = []

    async def prepare() -> None:
        for number in numbers:
            ready.append(await _task_of(await filed(definition, f"complete {number}", now())))

    await asyncio.gather(*(prepare() for _ in range(CALLERS)))
    taken: list[float] = []
    begun = time.perf_counter()

    async def complete(task_id: UUID, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await tasks.complete(task_id, {}, SYSTEM, now())
        taken.append(time.perf_counter() - due)

    await asyncio.gather(*(complete(task_id, begun + number / offered) for number, task_id in enumerate(ready)))
    return taken


async def wakings(count: int) -> list[float]:
    """Seconds from the hint that follows the commit until a waiting worker of the same process has leased the job."""
    definition = await published(chain(JOB), "wake")
    rung = asyncio.Event()
    taken: list[float] = []
    hinted: list[float] = []

    async def ring(hint: Hint) -> None:
        if hint.topic == "jobs":
            hinted.append(time.perf_counter())
            rung.set()

    async def worker() -> None:
        while len(taken) < count:
            await rung.wait()
            rung.clear()
            for _ in await jobs.lease(50, "measure", now(), types=("measure",)):
                taken.append(time.perf_counter() - hinted[len(taken)])

    await run(NOTHING_DUE)
    on_wake(ring)
    working = asyncio.create_task(worker())
    for number in range(count):
        await filed(definition, f"wake {number}", now())
        await asyncio.sleep(0.01)
    on_wake(None)
    working.cancel()
    await run(NOTHING_DUE)
    return taken


async def _tasks_of(case_ids: list[UUID]) -> list[UUID]:
    return [
        record["id"]
        for record in await rows("SELECT id FROM engine_task WHERE case_id = ANY($1) AND state = 'open'", case_ids)
    ]


async def _task_of(case_id: UUID) -> UUID:
    task_id: UUID = await value("SELECT id FROM engine_task WHERE case_id = $1 AND state = 'open'", case_id)
    return task_id
