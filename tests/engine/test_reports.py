"""Reports of a runner share commits, and each is answered as if it were alone; rows remembered are never trusted."""

import asyncio
from datetime import datetime

import pytest

from engine import cases, jobs, tasks
from engine.connector import JobOutcome
from engine.errors import LeaseLost, TaskClaimedByAnother
from engine.jobs import LeasedJob
from engine.store.statements import run, value
from tests.engine.bundles import AGENT, COLLEAGUE, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def leased_jobs(now: datetime, count: int) -> list[LeasedJob]:
    await a_procedure(now)
    for number in range(count):
        filed = await a_case(now, key=f"shared {number}")
        [task] = await tasks.of_case(filed.case_id)
        await tasks.complete(task.id, {}, AGENT, now)
    return await jobs.lease(count, "w", now)


async def test_reports_that_come_at_once_share_commits_and_close_every_case(now: datetime) -> None:
    leased = await leased_jobs(now, 8)

    reports = (jobs.report(each.job.id, each.job.attempt, JobOutcome(), now) for each in leased)
    done = await asyncio.gather(*reports)

    assert done == [True] * 8
    assert {(await cases.get(each.job.case_id)).state for each in leased} == {"closed"}
    commits = await value("SELECT count(DISTINCT xmin::text) FROM engine_instance WHERE status = 'completed'")
    assert commits < 8


async def test_a_report_that_came_too_late_spoils_no_other(now: datetime) -> None:
    leased = await leased_jobs(now, 3)
    taken = leased[1].job.id
    await run("UPDATE engine_job SET attempt = attempt + 1 WHERE id = $1", taken)

    reports = (jobs.report(each.job.id, each.job.attempt, JobOutcome(), now) for each in leased)
    answers = await asyncio.gather(*reports, return_exceptions=True)

    assert [answers[0], answers[2]] == [True, True]
    assert isinstance(answers[1], LeaseLost)
    assert await value("SELECT state FROM engine_job WHERE id = $1", taken) == "leased"


async def test_a_task_that_another_process_gave_away_is_refused_though_it_is_remembered(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now, key="remembered")
    [task] = await tasks.of_case(filed.case_id)
    await run(
        "UPDATE engine_task SET state = 'claimed', assignee_id = $2, assignee_name = 'Maud' WHERE id = $1",
        task.id,
        COLLEAGUE.id,
    )

    with pytest.raises(TaskClaimedByAnother):
        await tasks.complete(task.id, {}, AGENT, now)

    assert (await tasks.get(task.id)).state == "claimed"


async def test_an_instance_that_another_process_moved_is_read_again(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now, key="moved")
    [task] = await tasks.of_case(filed.case_id)
    # As another process would: the revision moves, and the case learns of another department.
    await run("UPDATE engine_instance SET rev = rev + 1 WHERE case_id = $1", filed.case_id)
    await run("UPDATE engine_case SET department = 'accueil' WHERE id = $1", filed.case_id)

    await tasks.complete(task.id, {}, AGENT, now)

    case = await cases.get(filed.case_id)
    assert case.department == "accueil", "what another process wrote is not overwritten"
    assert await value("SELECT rev FROM engine_instance WHERE case_id = $1", filed.case_id) == 3
