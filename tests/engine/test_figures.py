"""Figures: what dashboards count."""

from datetime import date, datetime, timedelta

import pytest

from engine import figures, jobs, tasks
from engine.connector import JobOutcome
from tests.engine.bundles import AGENT, CITIZEN, MISSING_PAPER, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def an_answered_case(filed_at: datetime, days: float, key: str) -> None:
    filed = await a_case(filed_at, key=key)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, filed_at + timedelta(days=days))


async def test_delays_have_a_median_and_a_ninetieth_percentile(now: datetime) -> None:
    await a_procedure(now)
    for number in range(1, 12):
        await an_answered_case(now, number, f"k{number}")
    await a_case(now, key="open")
    later = now + timedelta(days=30)

    numbers = await figures.total(now - timedelta(days=1), later, later)

    day = 86_400
    assert (numbers.filed, numbers.answered, numbers.granted) == (12, 11, 11)
    assert (numbers.median_seconds, numbers.slow_seconds) == (6 * day, 10 * day)
    assert numbers.late == 5
    assert await figures.late_count(later) == 1


async def test_time_spent_waiting_for_the_citizen_is_no_delay(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    [asked] = await tasks.open_for_applicant(filed.case_id)
    await tasks.complete(asked.id, {}, CITIZEN, now + timedelta(days=10))
    [review] = [task for task in await tasks.of_case(filed.case_id) if task.is_open]
    await tasks.complete(review.id, {}, AGENT, now + timedelta(days=11))
    later = now + timedelta(days=30)

    [of_procedure] = await figures.by_procedure(now, later, later)

    assert of_procedure.name == "petition"
    assert of_procedure.numbers.median_seconds == 86_400
    assert of_procedure.numbers.late == 0


async def test_weeks_begin_on_monday_in_the_town(now: datetime) -> None:
    await a_procedure(now)
    await a_case(datetime.fromisoformat("2026-11-29T22:30:00+00:00"), key="sunday night")
    await a_case(datetime.fromisoformat("2026-11-29T23:30:00+00:00"), key="monday morning")
    later = now + timedelta(days=30)

    weeks = await figures.by_week(now, later, later)

    assert [(week.monday, week.numbers.filed) for week in weeks] == [(date(2026, 11, 23), 1), (date(2026, 11, 30), 1)]
    assert [each.name for each in await figures.by_department(now, later, later, ("voirie",))] == ["voirie"]
    assert await figures.by_origin(now, later, later, ("etat-civil",)) == []


async def test_the_live_diagram_shows_what_waits_where(now: datetime) -> None:
    deployed = await a_procedure(now)
    await a_case(now, key="a")
    await an_answered_case(now, 0, "b")
    await an_answered_case(now, 0, "c")
    [first, second] = await jobs.lease(2, "w", now)
    await jobs.complete(first.job.id, 1, JobOutcome(), now)
    for attempt in (1, 2):
        await jobs.fail(second.job.id, attempt, "no", now, retry_at=now)
        await jobs.lease(2, "w", now)

    waiting = {each.element: each for each in await figures.waiting_by_element(deployed.hash)}
    passed = await figures.entered_by_element(deployed.hash, now, now + timedelta(seconds=1))

    assert (waiting["Review"].tasks, waiting["Tell"].jobs, waiting["Tell"].incidents) == (1, 0, 1)
    assert (passed["Filed"], passed["Tell"], passed["Done"]) == (3, 2, 1)
