"""Admission: a connection that fails rests, one that is busy waits, and all workers count together."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from connectors import admission, connections
from connectors.admission import MOST_FAILURES, Gauge, Limits, after_failure, after_success, decide
from connectors.catalogue import load_catalogue
from connectors.errors import MailServerUnreachable
from connectors.runner import Runner
from connectors.toolbox import Toolbox
from connectors.vault import Vault
from engine import cases
from engine.connector import Failure, TryLater
from engine.store.statements import rows, run, value
from tests.connectors.test_runner import Told, a_waiting_job

LIMITS = Limits(concurrency=2, per_minute=60)


def failed(now, times: int) -> Gauge:
    gauge = Gauge(counted_at=now, tokens=60.0)
    for _ in range(times):
        gauge = after_failure(gauge, "away", now)
    return gauge


def test_it_rests_after_five_failures_lets_one_try_and_forgets_all_once_it_works(now):
    four, five = failed(now, 4), failed(now, MOST_FAILURES)
    later = now + timedelta(seconds=31)
    trying, wait = decide(five, 0, LIMITS, later)

    assert decide(four, 0, LIMITS, now)[1] is None
    assert decide(five, 0, LIMITS, now)[1] == timedelta(seconds=30)
    assert (wait, decide(trying, 0, LIMITS, later)[1]) == (None, timedelta(seconds=60))
    assert decide(after_success(trying), 0, LIMITS, later)[1] is None
    assert failed(now, 50).rests_until == now + timedelta(minutes=2)


def test_so_many_at_once_and_so_many_a_minute(now):
    gauge = Gauge(counted_at=now, tokens=2.0)

    for _ in range(2):
        gauge, wait = decide(gauge, 0, LIMITS, now)
        assert wait is None
    assert decide(gauge, 0, LIMITS, now)[1] == timedelta(seconds=1)
    assert decide(gauge, 0, LIMITS, now + timedelta(seconds=1))[1] is None
    assert decide(Gauge(counted_at=now, tokens=9.0), 2, LIMITS, now)[1] == admission.BUSY


async def test_workers_never_call_more_at_once_than_the_connection_bears(database, now):
    async def one() -> bool:
        try:
            await admission.enter("registry", uuid4(), LIMITS, now)
        except TryLater:
            return False
        return True

    entered = await asyncio.gather(*(one() for _ in range(20)))

    assert sum(entered) == 2
    assert await value("SELECT count(*) FROM connectors_running") == 2
    later = now + admission.CALL + timedelta(seconds=1)
    await admission.enter("registry", uuid4(), LIMITS, later)  # whoever died holds no place for ever


def a_runner(connector: Told) -> Runner:
    tools = Toolbox(load_catalogue, Vault(("k" * 40,)))
    return Runner({"parvis:mail": connector}, worker="test", toolbox=tools)


async def test_while_a_connection_rests_its_jobs_wait_without_losing_a_try(database, now):
    case = await a_waiting_job(now)
    for _ in range(MOST_FAILURES):
        await admission.leave("mail", uuid4(), "failed", now, milliseconds=5, reason="away")
    connector = Told()

    for minute in range(3):
        await a_runner(connector).run_once(now + timedelta(seconds=minute))
    resting = len(connector.jobs)
    await a_runner(connector).run_once(now + timedelta(seconds=31))

    assert (resting, len(connector.jobs)) == (0, 1)
    assert (await cases.get(case)).state == "closed"
    gauge = await admission.gauge_of("mail")
    assert gauge and (gauge.failures, gauge.down_since) == (0, None)
    assert await connections.usage_of("mail", now - timedelta(hours=2)) == connections.Usage(
        done=1, failed=5, milliseconds=(await connections.usage_of("mail", now - timedelta(hours=2))).milliseconds
    )


async def test_a_failure_says_since_when_and_why_a_step_s_own_fault_does_not_count(database, now):
    await a_waiting_job(now)

    await a_runner(Told(MailServerUnreachable())).run_once(now)
    await a_runner(Told(ValueError("ours"))).run_once(now + timedelta(hours=1))

    gauge = await admission.gauge_of("mail")
    assert gauge and (gauge.failures, gauge.down_since) == (1, now)
    assert gauge.reason.startswith("The mail server does not answer")


@pytest.mark.parametrize("kind", [Failure, ValueError])
async def test_no_secret_and_no_personal_data_is_written_or_logged(database, now, kind, capsys):
    await a_waiting_job(now)
    told = "Registry said: aicha@example.org, 06 12 34 56 78, FR76 3000 6000 0112 3456 7890 189, http://u:pw@h/, answer"

    await a_runner(Told(kind(told))).run_once(now)

    errors = await rows("SELECT error FROM engine_job")
    written = str([dict(each) for each in errors]) + "".join(capsys.readouterr())
    for personal in ("aicha", "06 12", "FR76", "u:pw"):
        assert personal not in written


async def test_waits_while_a_connection_rests_are_no_tries(database, now):
    job, limits = uuid4(), Limits()
    for number in range(admission.MOST_FAILURES):
        await admission.enter("mail", uuid4(), limits, now)
        await admission.leave("mail", uuid4(), "failed", now, milliseconds=1, reason=f"away {number}")

    for _ in range(40):
        with pytest.raises(TryLater):
            await admission.enter("mail", job, limits, now)
    await admission.forgive("mail")
    tries = []
    for _ in range(3):
        tries.append(await admission.enter("mail", job, limits, now))
        await admission.leave("mail", job, "postponed", now, milliseconds=1)

    assert tries == [1, 2, 3]
    await admission.enter("mail", job, limits, now)
    await admission.leave("mail", job, "done", now, milliseconds=1)
    assert await value("SELECT count(*) FROM connectors_tries WHERE job_id = $1", job) == 0


async def test_a_job_that_waited_long_still_has_all_the_patience_of_its_connector(database, now):
    """Mail gives up after 30 polite refusals: forty leases while the connection rested leave all thirty."""
    case = await a_waiting_job(now)
    heard = Told(*[TryLater(timedelta(minutes=5)) for _ in range(3)])
    tools = Toolbox(load_catalogue, Vault(("k" * 40,)))
    runner = Runner({"parvis:mail": heard}, worker="test", toolbox=tools)
    await admission.enter("mail", uuid4(), Limits(), now)

    moment = now
    for _ in range(40):
        moment += timedelta(minutes=5)
        rest = "UPDATE connectors_gauge SET failures = 9, rests_until = $1 WHERE connection = 'mail'"
        await run(rest, moment + timedelta(minutes=4))
        await runner.run_once(moment)
    leases = await value("SELECT attempt FROM engine_job WHERE case_id = $1", case)
    await admission.forgive("mail")
    for _ in range(3):
        moment += timedelta(minutes=6)
        await runner.run_once(moment)

    assert leases >= 40
    assert [job.attempt for job in heard.jobs] == [1, 2, 3]
