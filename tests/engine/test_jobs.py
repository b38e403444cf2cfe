"""Jobs: leases, retries, business errors and incidents."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import cases, deployments, incidents, jobs, journal, tasks
from engine.connector import JobOutcome
from engine.errors import JobUnknown, LeaseLost, ProcedureUnknown
from engine.jobs import LeasedJob
from tests.engine.bundles import ADMINISTRATOR, AGENT, a_case, a_procedure


async def a_queued_job(now: datetime, key: str = "k1") -> cases.CaseFiled:
    filed = await a_case(now, key=key)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    return filed


async def the_leased(now: datetime) -> LeasedJob:
    [leased] = await jobs.lease(10, "worker-1", now)
    return leased


@pytest.mark.usefixtures("database")
async def test_a_leased_job_tells_the_connector_what_it_needs(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)

    leased = await the_leased(now)

    job = leased.job
    assert (job.type, job.element_id, job.procedure, job.attempt) == ("parvis:mail", "Tell", "petition", 1)
    assert (job.input, job.headers) == ({"to": "aicha@example.org"}, {"letter": "answer"})
    assert job.case["reference"] == filed.reference
    assert await jobs.lease(10, "worker-2", now) == []


@pytest.mark.usefixtures("database")
async def test_a_done_job_moves_the_case_once(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    leased = await the_leased(now)
    outcome = JobOutcome(variables={"id": "m1"}, facts=(("A letter was sent to {department}.", {"department": "x"}),))

    first = await jobs.complete(leased.job.id, 1, outcome, now)
    second = await jobs.complete(leased.job.id, 1, outcome, now)

    case = await cases.get(filed.case_id)
    assert (first, second) == (True, False)
    assert (case.state, case.decision, case.answered_at) == ("closed", "granted", now)
    facts = [fact.fact for fact in await journal.of_case(filed.case_id)]
    assert facts.count("A letter was sent to {department}.") == 1


@pytest.mark.usefixtures("database")
async def test_an_expired_lease_is_taken_over_and_the_first_worker_is_told(now: datetime) -> None:
    await a_procedure(now)
    await a_queued_job(now)
    first = await the_leased(now)
    later = now + timedelta(seconds=61)

    second = await the_leased(later)

    assert second.job.attempt == 2
    with pytest.raises(LeaseLost):
        await jobs.complete(first.job.id, 1, JobOutcome(), later)
    assert await jobs.complete(second.job.id, 2, JobOutcome(), later)


@pytest.mark.usefixtures("database")
async def test_a_renewed_lease_is_not_taken_over(now: datetime) -> None:
    await a_procedure(now)
    await a_queued_job(now)
    leased = await the_leased(now)

    assert await jobs.renew(leased.job.id, 1, now + timedelta(seconds=50))

    assert await jobs.lease(10, "worker-2", now + timedelta(seconds=61)) == []


@pytest.mark.usefixtures("database")
async def test_a_failed_try_is_retried_later_and_the_last_one_is_an_incident(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    first = await the_leased(now)

    await jobs.fail(first.job.id, 1, "SMTP server unreachable", now)
    too_early = await jobs.lease(10, "w", now + timedelta(seconds=5))
    again = await the_leased(now + timedelta(seconds=13))
    await jobs.fail(again.job.id, again.job.attempt, "SMTP server unreachable", now + timedelta(seconds=13))

    [incident] = await incidents.of_case(filed.case_id)
    assert too_early == []
    assert (incident.element, incident.kind, incident.message) == ("Tell", "job", "SMTP server unreachable")
    assert (await cases.get(filed.case_id)).state == "blocked"
    assert await jobs.lease(10, "w", now + timedelta(days=1)) == []


@pytest.mark.usefixtures("database")
async def test_a_resolved_incident_queues_the_work_again(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    for seconds in (0, 13):
        leased = await the_leased(now + timedelta(seconds=seconds))
        await jobs.fail(leased.job.id, leased.job.attempt, "no", now + timedelta(seconds=seconds))
    [incident] = await incidents.open_of(("voirie",))
    later = now + timedelta(hours=1)

    resolved = await incidents.resolve(incident.id, ADMINISTRATOR, later)
    leased = await the_leased(later)
    await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), later)

    assert resolved
    assert not await incidents.resolve(incident.id, ADMINISTRATOR, later)
    assert (await incidents.get(incident.id)).resolved_by_name == "Solène Roux"
    assert (await cases.get(filed.case_id)).state == "closed"


@pytest.mark.usefixtures("database")
async def test_a_business_error_takes_its_own_path(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    leased = await the_leased(now)

    await jobs.throw_error(leased.job.id, 1, "BOUNCED", now, "unknown address")

    assert [task.element for task in await tasks.of_case(filed.case_id) if task.is_open] == ["Call"]


@pytest.mark.usefixtures("database")
async def test_a_postponed_job_costs_no_try(now: datetime) -> None:
    await a_procedure(now)
    await a_queued_job(now)
    for minutes in range(0, 50, 10):
        at = now + timedelta(minutes=minutes)
        leased = await the_leased(at)
        await jobs.postpone(leased.job.id, leased.job.attempt, at + timedelta(minutes=10), at)

    leased = await the_leased(now + timedelta(hours=1))
    await jobs.fail(leased.job.id, leased.job.attempt, "no", now)

    assert await incidents.open_of(None) == []


@pytest.mark.usefixtures("database")
async def test_two_workers_never_lease_the_same_job(now: datetime) -> None:
    await a_procedure(now)
    for n in range(6):
        await a_queued_job(now, key=f"k{n}")

    leased = await asyncio.gather(*(jobs.lease(2, f"worker-{n}", now) for n in range(5)))

    ids = [each.job.id for batch in leased for each in batch]
    assert len(ids) == len(set(ids)) == 6


@pytest.mark.usefixtures("database")
async def test_a_result_that_comes_after_the_case_was_cancelled_changes_nothing(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    leased = await the_leased(now)
    await cases.cancel(filed.case_id, "Retirée", AGENT, now)

    assert not await jobs.complete(leased.job.id, 1, JobOutcome(), now)

    assert (await cases.get(filed.case_id)).state == "cancelled"


@given(st.integers(0, 50), st.floats(0, 1))
def test_retries_wait_ever_longer_but_never_much_over_an_hour(failures: int, chance: float) -> None:
    delay = jobs.retry_delay(failures, chance)

    assert timedelta(seconds=8) <= delay <= timedelta(hours=1.2)
    assert jobs.retry_delay(failures + 1, 0.5) >= jobs.retry_delay(failures, 0.5)


@pytest.mark.usefixtures("database")
async def test_a_report_after_the_lease_counts_while_nobody_has_taken_the_job_over(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    leased = await the_leased(now)

    done = await jobs.complete(leased.job.id, 1, JobOutcome(), now + timedelta(hours=1))

    assert done
    assert (await cases.get(filed.case_id)).state == "closed"


@pytest.mark.usefixtures("database")
async def test_a_job_nobody_knows_is_said_to_be_unknown_by_every_report(now: datetime) -> None:
    nobody = UUID(int=404)

    assert not await jobs.renew(nobody, 1, now)
    for report in (
        jobs.complete(nobody, 1, JobOutcome(), now),
        jobs.fail(nobody, 1, "no", now),
        jobs.throw_error(nobody, 1, "NO", now),
        jobs.postpone(nobody, 1, now, now),
    ):
        with pytest.raises(JobUnknown):
            await report


@pytest.mark.usefixtures("database")
async def test_every_report_by_another_than_the_lease_s_holder_is_refused(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    first = (await the_leased(now)).job
    second = (await the_leased(now + timedelta(minutes=2))).job

    for report in (
        jobs.complete(first.id, first.attempt, JobOutcome(), now),
        jobs.fail(first.id, first.attempt, "no", now),
        jobs.throw_error(first.id, first.attempt, "BOUNCED", now),
        jobs.postpone(first.id, first.attempt, now, now),
    ):
        with pytest.raises(LeaseLost):
            await report

    assert not await jobs.renew(first.id, first.attempt, now)
    assert await jobs.complete(second.id, second.attempt, JobOutcome(), now)
    assert (await cases.get(filed.case_id)).state == "closed"


@pytest.mark.usefixtures("database")
async def test_a_definition_retired_while_its_cases_run_lets_them_run_to_their_end(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    await deployments.retire("petition", ADMINISTRATOR, now)
    deployments._definitions.clear()  # As in a process started since.

    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    leased = await the_leased(now)
    await jobs.complete(leased.job.id, 1, JobOutcome(), now)

    assert (await cases.get(filed.case_id)).state == "closed"
    with pytest.raises(ProcedureUnknown):
        await a_case(now, key="k2")
