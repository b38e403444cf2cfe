"""What a step costs over a real PostgreSQL, and the bound it is compared with, in the same run and tables."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
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


async def in_parallel(seconds: float, callers: int, step: Callable[[int, int], Awaitable[int]]) -> float:
    """Steps a second when so many callers repeat `step(caller, turn)`, which tells how many steps it took."""
    until = time.perf_counter() + seconds
    done = [0] * callers

    async def call(caller: int) -> None:
        turn = 0
        while time.perf_counter() < until:
            done[caller] += await step(caller, turn)
            turn += 1

    begun = time.perf_counter()
    await asyncio.gather(*(call(caller) for caller in range(callers)))
    return sum(done) / (time.perf_counter() - begun)


async def bound(seconds: float) -> tuple[float, float]:
    """B: bound statements a second at 4 connections; b: the median seconds of one at one connection."""
    definition = await published(chain(USER), "bound")
    instances: list[UUID] = []
    for number in range(CALLERS):
        case_id = await filed(definition, f"bound {number}", now())
        instances.append(await value("SELECT id FROM engine_instance WHERE case_id = $1", case_id))
    taken: list[float] = []

    async def step(caller: int, turn: int) -> int:
        begun = time.perf_counter()
        moment = now()
        await run(BOUND, instances[caller], b"x" * 1200, new_id(moment), new_id(moment), moment, turn + 10)
        taken.append(time.perf_counter() - begun)
        return 1

    per_second = await in_parallel(seconds, CALLERS, step)
    taken.clear()
    await in_parallel(min(seconds, 2), 1, lambda _, turn: step(0, turn + 10_000_000))
    await run("DELETE FROM engine_job WHERE type = 'bound'")
    return per_second, statistics.median(taken)


class _Stopwatch:
    """Wall time spent in commands, without the reading that a caller does between them."""

    def __init__(self) -> None:
        self.seconds, self.commands = 0.0, 0

    async def each(self, arguments: list[Any], command: Callable[[Any], Awaitable[Any]]) -> list[Any]:
        """One command for each argument, by `CALLERS` callers at once; what they returned."""
        left, answers = iter(arguments), list[Any]()

        async def call() -> None:
            for argument in left:
                answers.append(await command(argument))

        begun = time.perf_counter()
        await asyncio.gather(*(call() for _ in range(CALLERS)))
        self.seconds += time.perf_counter() - begun
        self.commands += len(arguments)
        return answers


async def durable_steps(seconds: float) -> float:
    """Acknowledged commands a second of the 6-element process: filed, answered, worked on, answered, worked on. Each
    is one commit; leasing the jobs counts as time, not as a step."""
    definition = await published(chain(USER, JOB, USER, JOB), "six")
    watch, turn = _Stopwatch(), 0

    async def answer(task_id: UUID) -> None:
        await tasks.complete(task_id, {}, SYSTEM, now())

    async def lease(limit: int) -> list[jobs.LeasedJob]:
        return await jobs.lease(limit, "measure", now(), types=("measure",))

    async def work(leased: jobs.LeasedJob) -> None:
        await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), now())

    while watch.seconds < seconds:
        keys = [f"six {turn} {number}" for number in range(CASES_A_TURN)]
        turn += 1
        cases_filed = await watch.each(keys, lambda key: filed(definition, key, now()))
        for _ in range(2):
            await watch.each(await _tasks_of(cases_filed), answer)
            begun = time.perf_counter()
            leased = await lease(CASES_A_TURN)
            watch.seconds += time.perf_counter() - begun
            await watch.each(leased, work)
    return watch.commands / watch.seconds


async def drained(due: int) -> float:
    """Timers fired and jobs reported a second from a backlog, half of each, of which everything is due."""
    half = due // 2
    of_timers, of_jobs = await published(chain(TIMER), "backlog"), await published(chain(JOB), "jobs")
    numbers = iter(range(half))

    async def file_some() -> None:
        for number in numbers:
            await filed(of_timers, f"backlog {number}", now())
            await filed(of_jobs, f"jobs {number}", now())

    await asyncio.gather(*(file_some() for _ in range(CALLERS)))
    later = now() + timedelta(days=2)

    async def work() -> int:
        done = 0
        while leased := await jobs.lease(100, "measure", later, types=("measure",)):
            reports = (jobs.report(each.job.id, each.job.attempt, JobOutcome(), later) for each in leased)
            done += sum(await asyncio.gather(*reports))
        return done

    begun = time.perf_counter()
    done = sum(await asyncio.gather(timers.fire_due(half, later), timers.fire_due(half, later), work(), work()))
    assert done == 2 * half, f"{done} of {2 * half} were done"
    return done / (time.perf_counter() - begun)


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

    await run("UPDATE engine_job SET state = 'done' WHERE state <> 'done'")
    on_wake(ring)
    working = asyncio.create_task(worker())
    for number in range(count):
        await filed(definition, f"wake {number}", now())
        await asyncio.sleep(0.01)
    on_wake(None)
    working.cancel()
    return taken


async def _tasks_of(case_ids: list[UUID]) -> list[UUID]:
    return [
        record["id"]
        for record in await rows("SELECT id FROM engine_task WHERE case_id = ANY($1) AND state = 'open'", case_ids)
    ]


async def _task_of(case_id: UUID) -> UUID:
    task_id: UUID = await value("SELECT id FROM engine_task WHERE case_id = $1 AND state = 'open'", case_id)
    return task_id
