"""Runner: jobs of real cases, done outside any transaction, reported once, and never lost."""

import asyncio
from datetime import timedelta
from uuid import UUID

from connectors.errors import MailServerUnreachable
from connectors.runner import Runner
from engine import cases, incidents, jobs, tasks
from engine.bpmn import sizes
from engine.connector import BusinessError, Connector, Job, JobOutcome, TryLater
from engine.store.statements import rows, value
from server.worker import Chore, Worker
from tests.engine.bundles import AGENT, a_case, a_procedure
from tests.engine.test_jobs import a_queued_job


class Told:
    """A connector that does what the test tells it, and remembers its jobs."""

    def __init__(self, *answers: JobOutcome | Exception | float) -> None:
        self.answers, self.jobs = list(answers), list[Job]()
        self.in_transaction: list[bool] = []

    async def run(self, job: Job, now) -> JobOutcome:
        from engine.store.tables import InstanceRow

        self.jobs.append(job)
        self.in_transaction.append(InstanceRow._meta.db.current_transaction.get() is not None)
        answer = self.answers.pop(0) if self.answers else JobOutcome()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return JobOutcome()
        return answer


async def a_waiting_job(now):
    """A case whose answer is to be written: its mail job is due."""
    await a_procedure(now)
    filed = await a_case(now)
    task = await value("SELECT id FROM engine_task WHERE case_id = $1", filed.case_id)
    await tasks.complete(task, {}, AGENT, now)
    return filed.case_id


def a_runner(connector: Connector, **told) -> Runner:
    return Runner({"parvis:mail": connector}, worker="test", **told)


def a_worker(connector: Connector, now, **told) -> Worker:
    """The loop of a worker, with this connector's jobs for its only chore."""
    runner = a_runner(connector, **told)
    return Worker([Chore("jobs", runner.take, ("jobs",), finish=runner.finish)], lambda: now)


async def test_a_job_is_done_outside_any_transaction_and_the_case_goes_on(database, now):
    case, connector = await a_waiting_job(now), Told()

    done = await a_runner(connector).run_once(now)

    assert (done, connector.in_transaction) == (1, [False])
    assert connector.jobs[0].headers == {"letter": "answer"}
    assert (await cases.get(case)).state == "closed"
    assert await a_runner(connector).run_once(now) == 0


async def test_a_failure_is_tried_again_later_then_blocks_the_case_in_plain_words(database, now):
    case = await a_waiting_job(now)
    connector = Told(MailServerUnreachable(), MailServerUnreachable())

    await a_runner(connector).run_once(now)
    at_once = await a_runner(connector).run_once(now)
    await a_runner(connector).run_once(now + timedelta(hours=1))

    messages = await rows("SELECT message FROM engine_incident WHERE resolved_at IS NULL")
    assert at_once == 0
    assert (await cases.get(case)).state == "blocked"
    assert messages[0]["message"].startswith("The mail server does not answer")


async def test_after_the_mending_the_job_is_done_and_the_case_is_not_lost(database, now):
    case = await a_waiting_job(now)
    connector, later = Told(MailServerUnreachable(), MailServerUnreachable()), now + timedelta(hours=1)
    for moment in (now, later):
        await a_runner(connector).run_once(moment)

    await incidents.resolve(await value("SELECT id FROM engine_incident"), AGENT, later)
    await a_runner(connector).run_once(later)

    assert (await cases.get(case)).state == "closed"


async def test_a_foreign_error_tells_its_name_and_no_personal_data(database, now):
    await a_waiting_job(now)

    await a_runner(Told(ValueError("aicha@example.org"))).run_once(now)

    assert "aicha" not in await value("SELECT error FROM engine_job")


async def test_a_business_error_takes_the_way_drawn_for_it(database, now):
    case = await a_waiting_job(now)

    await a_runner(Told(BusinessError("BOUNCED", "refused"))).run_once(now)

    assert await value("SELECT name FROM engine_task WHERE case_id = $1 AND state = 'open'", case) == "Appeler"


async def test_not_now_costs_no_try(database, now):
    case = await a_waiting_job(now)
    connector = Told(*(TryLater(timedelta(minutes=5)) for _ in range(6)))

    for count in range(7):
        await a_runner(connector).run_once(now + timedelta(minutes=5 * count))

    assert len(connector.jobs) == 7
    assert (await cases.get(case)).state == "closed"


async def test_a_connector_that_never_answers_is_cut(database, now):
    await a_waiting_job(now)

    await a_runner(Told(30.0), deadline=0.2).run_once(now)

    assert "did not answer" in await value("SELECT error FROM engine_job")


async def test_a_lease_is_renewed_while_its_connector_works(database, now):
    case = await a_waiting_job(now)
    working = asyncio.create_task(a_runner(Told(1.2), lease=0.6).run_once(now))

    await asyncio.sleep(0.9)
    stolen = await jobs.lease(1, "other", now + timedelta(seconds=0.9))
    await working

    assert stolen == []
    assert (await cases.get(case)).state == "closed"


async def test_a_renewal_that_meets_no_database_does_not_give_the_lease_up(database, now, monkeypatch):
    case, renew, renewed = await a_waiting_job(now), jobs.renew, asyncio.Event()
    failures = [ConnectionResetError()]

    async def renew_at_last(*told, **more) -> bool:
        if failures:
            raise failures.pop()
        kept = await renew(*told, **more)
        renewed.set()
        return kept

    monkeypatch.setattr(jobs, "renew", renew_at_last)
    working = asyncio.create_task(a_runner(Told(2.5), lease=1.5).run_once(now))
    await asyncio.wait_for(renewed.wait(), 20)
    stolen = await jobs.lease(1, "other", now + timedelta(seconds=1.6))
    await working

    assert (stolen, failures) == ([], [])
    assert (await cases.get(case)).state == "closed"


async def test_who_lost_the_lease_changes_nothing(database, now):
    case, connector = await a_waiting_job(now), Told()
    first = await jobs.lease(1, "dead worker", now, lease_seconds=60)
    later = now + timedelta(minutes=2)

    await a_runner(connector).run_once(later)

    assert first[0].job.id == connector.jobs[0].id
    assert (await cases.get(case)).state == "closed"


async def test_an_error_that_brings_more_than_the_case_may_hold_fails_the_job_alone(database, now, monkeypatch):
    monkeypatch.setattr(sizes._limit, "most", 1024 * 1024)
    case = await a_waiting_job(now)
    refused = BusinessError("BOUNCED", "refused", variables={"why": "a" * 1024 * 1024})

    await a_runner(Told(refused)).run_once(now)

    assert "at most" in await value("SELECT error FROM engine_job")
    assert (await cases.get(case)).state == "open"


class Waits:
    """A connector whose jobs last until the test lets them end, all but those it calls quick."""

    def __init__(self, slow: int, awaited: int = 0) -> None:
        self.slow, self.awaited = slow, awaited
        self.begun, self.let_go, self.enough = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.done: list[UUID] = []
        self.at_once, self.most_at_once = 0, 0

    async def run(self, job: Job, now) -> JobOutcome:
        self.begun.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.slow:
                self.slow -= 1
                await self.let_go.wait()
        finally:
            self.at_once -= 1
        self.done.append(job.case_id)
        if len(self.done) == self.awaited:
            self.enough.set()
        return JobOutcome()


async def test_a_slow_job_does_not_hold_up_a_quick_one(database, now):
    await a_procedure(now)
    slow = (await a_queued_job(now, key="slow")).case_id
    connector = Waits(slow=1, awaited=3)
    worker = a_worker(connector, now, concurrency=2)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(connector.begun.wait(), 20)

    quick = [(await a_queued_job(now, key=f"quick{n}")).case_id for n in range(3)]
    await asyncio.wait_for(connector.enough.wait(), 20)
    before = list(connector.done)
    connector.let_go.set()
    worker.stop()
    await asyncio.wait_for(running, 20)

    assert (sorted(before), connector.done[-1], connector.most_at_once) == (sorted(quick), slow, 2)


async def test_no_more_jobs_run_at_once_than_were_allowed(database, now):
    await a_procedure(now)
    for n in range(4):
        await a_queued_job(now, key=f"k{n}")
    connector = Waits(slow=2, awaited=4)
    worker = a_worker(connector, now, concurrency=2)
    running = asyncio.create_task(worker.run())

    await asyncio.sleep(1.5)
    leased = await value("SELECT count(*) FROM engine_job WHERE state = 'leased'")
    connector.let_go.set()
    await asyncio.wait_for(connector.enough.wait(), 20)
    worker.stop()
    await asyncio.wait_for(running, 20)

    assert (leased, connector.most_at_once) == (2, 2)


async def test_what_runs_when_the_loop_is_told_to_stop_is_finished_and_nothing_else_begins(database, now):
    await a_procedure(now)
    first = (await a_queued_job(now, key="first")).case_id
    connector = Waits(slow=1)
    worker = a_worker(connector, now)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(connector.begun.wait(), 20)

    worker.stop()
    await asyncio.sleep(0.1)
    await a_queued_job(now, key="second")
    await asyncio.sleep(0.3)
    waited = not running.done()
    connector.let_go.set()
    await asyncio.wait_for(running, 20)

    assert (waited, connector.done) == (True, [first])
    assert (await cases.get(first)).state == "closed"
