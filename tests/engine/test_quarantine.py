"""Instances that cannot be moved at all: set aside with an incident, while everything else goes on."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from connectors.runner import Runner
from engine import cases, incidents, jobs, messages, quarantine, tasks, timers
from engine.connector import Job, JobOutcome
from engine.errors import EngineError
from engine.store.statements import run, value
from tests.engine.bundles import ADMINISTRATOR, AGENT, MISSING_PAPER, PAYMENT, a_case, a_procedure
from tests.engine.test_jobs import a_queued_job

pytestmark = pytest.mark.usefixtures("database")


async def broken(case_id: UUID) -> bytes:
    """The stored state of this case is no state any more. Returns what it was."""
    state: bytes = await value("SELECT state FROM engine_instance WHERE case_id = $1", case_id)
    await rewritten(case_id, b"no state")
    return state


async def rewritten(case_id: UUID, state: bytes) -> None:
    await run("UPDATE engine_instance SET state = $2, rev = rev + 1 WHERE case_id = $1", case_id, state)


class Works:
    """A connector that does whatever is asked."""

    def __init__(self) -> None:
        self.done: list[UUID] = []

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        self.done.append(job.case_id)
        return JobOutcome()


async def test_an_instance_whose_state_is_broken_is_set_aside_and_the_timers_of_others_fire(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = [await a_case(now, key=f"k{n}") for n in range(3)]
    await broken(filed[1].case_id)
    due = now + timedelta(days=15)

    fired = [await timers.fire_due(10, due) for _ in range(2)]

    assert fired == [2, 0]
    assert [(await cases.get(case.case_id)).state for case in filed] == ["closed", "blocked", "closed"]
    [incident] = await incidents.of_case(filed[1].case_id)
    assert (incident.kind, incident.message) == ("state", quarantine.STUCK)
    assert await timers.next_due() is None


async def test_mended_and_tried_again_it_goes_on_where_it_stood(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    state = await broken(filed.case_id)
    due = now + timedelta(days=15)
    await timers.fire_due(10, due)
    [incident] = await incidents.open_of(None)

    await incidents.resolve(incident.id, ADMINISTRATOR, due)
    still_open = [each.id for each in await incidents.open_of(None)]
    await rewritten(filed.case_id, state)
    await incidents.resolve(incident.id, ADMINISTRATOR, due)

    assert still_open == [incident.id]
    assert await incidents.open_of(None) == []
    assert await timers.fire_due(10, due) == 1
    assert (await cases.get(filed.case_id)).state == "closed"


async def test_the_job_of_a_broken_instance_is_called_once_and_the_jobs_of_others_are_done(now: datetime) -> None:
    await a_procedure(now)
    filed = [await a_queued_job(now, key=f"k{n}") for n in range(3)]
    state = await broken(filed[0].case_id)
    connector = Works()
    runner = Runner({"parvis:mail": connector}, worker="w")

    await runner.run_once(now)
    await runner.run_once(now + timedelta(hours=1))

    assert sorted(connector.done) == sorted(case.case_id for case in filed)
    assert [(await cases.get(case.case_id)).state for case in filed] == ["blocked", "closed", "closed"]
    await rewritten(filed[0].case_id, state)
    [incident] = await incidents.open_of(None)
    await incidents.resolve(incident.id, ADMINISTRATOR, now)
    await runner.run_once(now + timedelta(hours=1))
    assert (await cases.get(filed[0].case_id)).state == "closed"


async def test_a_broken_instance_whose_jobs_are_never_reported_does_not_stop_leasing(now: datetime) -> None:
    await a_procedure(now)
    filed = [await a_queued_job(now, key=f"k{n}") for n in range(2)]
    await broken(filed[0].case_id)

    leased = [len(await jobs.lease(5, "dies", now + timedelta(minutes=2 * n))) for n in range(jobs.MOST_LOST + 2)]

    assert leased == [2] * jobs.MOST_LOST + [0, 0]
    assert {each.kind for each in await incidents.open_of(None)} == {"state", "job"}


async def test_whoever_completes_a_task_of_an_instance_set_aside_is_told(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    [asked] = await tasks.of_case(filed.case_id)
    await broken(filed.case_id)
    await timers.fire_due(10, now + timedelta(days=15))

    with pytest.raises(EngineError):
        await tasks.complete(asked.id, {}, AGENT, now)

    assert (await tasks.get(asked.id)).is_open


@pytest.mark.parametrize(
    ("failure", "lasting"),
    [
        (asyncpg.DeadlockDetectedError(), False),
        (ConnectionResetError(), False),
        (asyncpg.InterfaceError("closed"), False),
        (TimeoutError(), False),
        (asyncpg.UntranslatableCharacterError(), True),
        (KeyError("x"), True),
        (RecursionError(), True),
    ],
)
def test_a_database_that_is_away_sets_nothing_aside(failure: Exception, lasting: bool) -> None:
    assert quarantine.is_lasting(failure) is lasting


async def test_a_message_for_an_instance_set_aside_is_kept_for_it(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    filed = await a_case(now, answers={"invoice": "F-1"})
    state = await broken(filed.case_id)
    instance_id = await value("SELECT id FROM engine_instance WHERE case_id = $1", filed.case_id)
    await quarantine._isolate(instance_id, ValueError(), now)

    reached = await messages.publish("payment", "F-1", {}, now=now)
    await rewritten(filed.case_id, state)
    [incident] = await incidents.open_of(None)
    await incidents.resolve(incident.id, ADMINISTRATOR, now)

    assert reached == 1
    assert [task.element for task in await tasks.of_case(filed.case_id)] == ["Review"]
