"""Who is served first: high priorities, then the longest due; every procedure in its turn, however many jobs another
has."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import inbox, incidents, jobs, timers
from engine.apply import marks
from engine.jobs import LeasedJob
from engine.store.statements import connection, run, transaction, value
from engine.turns import Turns
from tests.engine.bundles import AGENT, REVIEW, a_procedure
from tests.engine.test_jobs import a_queued_job, the_leased

pytestmark = pytest.mark.usefixtures("database")

JOB_COLUMNS = """id, case_id, instance_id, token, procedure, definition_hash, element, type, state, attempt, retries,
    failures, priority, headers, input, context, due_at, queued_at"""
# Due jobs of one procedure, a second apart, the last at $3, all of one instance: it is not looked at before a report.
MANY_JOBS = f"""INSERT INTO engine_job ({JOB_COLUMNS})
    SELECT gen_random_uuid(), case_id, id, (SELECT max(token) FROM engine_job) + n, $1, 'h', 'Tell', 'parvis:mail',
        'queued', 0, 3, 0, $4::smallint, '{{}}', '{{}}', '{{}}', $3::timestamptz - n * interval '1 second', $3
    FROM (SELECT id, case_id FROM engine_instance LIMIT 1) one, generate_series(1, $2::integer) n"""


async def many_jobs(procedure: str, count: int, now: datetime, priority: int = 50) -> None:
    await run(MANY_JOBS, procedure, count, now, priority)


async def a_town(now: datetime) -> None:
    """A case to hang jobs on; its own job is done."""
    await a_procedure(now)
    await a_queued_job(now)
    await the_leased(now)


def procedures_of(leased: list[LeasedJob]) -> list[str]:
    return [each.job.procedure for each in leased]


async def test_high_priorities_are_leased_before_low_ones_and_then_the_longest_due(now: datetime) -> None:
    await a_town(now)
    for priority in (10, 90, 50):
        await many_jobs("one", 3, now, priority)

    leased = await jobs.lease(9, "w", now)

    rows = [await value("SELECT priority FROM engine_job WHERE id = $1", each.job.id) for each in leased]
    assert rows == [90, 90, 90, 50, 50, 50, 10, 10, 10]


@pytest.mark.parametrize("limit", [1, 8])
async def test_a_procedure_with_ten_thousand_due_jobs_does_not_hold_up_another(now: datetime, limit: int) -> None:
    await a_town(now)
    await many_jobs("flooded", 10_000, now, priority=90)
    await jobs.lease(limit, "w", now)
    await many_jobs("calm", 1, now, priority=10)

    rounds = [procedures_of(await jobs.lease(limit, "w", now)) for _ in range(2)]

    assert "calm" in rounds[0] + rounds[1]
    assert all(len(each) == limit for each in rounds)


async def test_of_many_flooded_procedures_each_has_its_turn(now: datetime) -> None:
    await a_town(now)
    for number in range(10):
        await many_jobs(f"p{number}", 50, now, priority=number)

    served = [procedures_of(await jobs.lease(3, "w", now)) for _ in range(4)]

    assert {procedure for each in served for procedure in each} == {f"p{number}" for number in range(10)}


async def test_a_flood_that_this_worker_cannot_do_hides_nothing(now: datetime) -> None:
    await a_town(now)
    await many_jobs("flooded", 2_000, now)
    await run("UPDATE engine_job SET type = 'elsewhere' WHERE procedure = 'flooded'")
    await many_jobs("calm", 2, now)

    leased = await jobs.lease(10, "w", now, types=("parvis:mail", "parvis:agenda"))

    assert procedures_of(leased) == ["calm", "calm"]


async def test_a_job_whose_worker_dies_each_time_is_an_incident_in_the_end(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    moments = [now + timedelta(minutes=2 * n) for n in range(jobs.MOST_LOST)]

    leased = [await jobs.lease(1, "dies", moment) for moment in moments]
    last = await jobs.lease(1, "dies", now + timedelta(hours=1))

    assert [len(each) for each in leased] == [1] * jobs.MOST_LOST
    assert last == []
    [incident] = await incidents.of_case(filed.case_id)
    assert (incident.element, incident.message) == ("Tell", jobs.ABANDONED)
    assert await incidents.resolve(incident.id, AGENT, now + timedelta(hours=2))
    assert len(await jobs.lease(1, "well again", now + timedelta(hours=2))) == 1


async def test_a_worker_that_reports_is_not_counted_as_lost(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)

    for n in range(3 * jobs.MOST_LOST):
        moment = now + timedelta(minutes=2 * n)
        leased = await the_leased(moment)
        if n % 3 == 2:
            await jobs.postpone(leased.job.id, leased.job.attempt, moment, moment)

    assert await incidents.of_case(filed.case_id) == []


async def test_the_element_says_how_long_to_wait_before_the_second_try(now: datetime) -> None:
    backoff = '<zeebe:header key="retryBackoff" value="PT5M"/>'
    await a_procedure(now, body=with_header(backoff))
    await a_queued_job(now)
    leased = await the_leased(now)

    await jobs.fail(leased.job.id, 1, "no", now)

    assert await jobs.lease(1, "w", now + timedelta(minutes=3.9)) == []
    assert len(await jobs.lease(1, "w", now + timedelta(minutes=6.1))) == 1


@pytest.mark.parametrize("text", ["soon", "-PT1M", "", "PT0S"])
def test_a_pause_that_is_none_is_the_usual_one_and_never_nothing(now: datetime, text: str) -> None:
    assert timedelta(seconds=1) <= jobs.first_pause({"retryBackoff": text}, now) <= jobs.FIRST_RETRY


def test_whoever_was_served_goes_to_the_back_of_the_line_while_there_is_one() -> None:
    turns = Turns()

    turns.note("w", ["a", "b"], is_full=True)
    turns.note("w", ["a"], is_full=True)

    assert (turns.of("w"), turns.of("other")) == (["b", "a"], [])
    turns.note("w", ["a"], is_full=False)
    assert turns.of("w") == []


def with_header(header: str) -> str:
    return REVIEW.replace("<zeebe:taskHeaders>", f"<zeebe:taskHeaders>{header}")


# --- the plans of what is asked all day, with many rows --------------------------------------------------------------

OPEN_CASES = """INSERT INTO engine_case (id, reference, tracking_code, procedure, definition_hash, title, state,
    department, departments, priority, origin, channel, language, filed_by_name, filed_at, waited_seconds, transfers,
    context, search_text)
    SELECT gen_random_uuid(), 'R' || n, 'T' || n, 'p' || n % 20, 'h', 'Demande', 'open', 'd' || n % 50,
        ARRAY['d' || n % 50], 50, 'online', 'email', 'fr', '', $2::timestamptz - n * interval '1 minute', 0, 0, '{}',
        'r' || n || ' demande'
    FROM generate_series(1, $1::integer) n"""
OPEN_INSTANCES = """INSERT INTO engine_instance (id, case_id, definition_hash, process, rev, state, status, started_at)
    SELECT id, id, 'h', procedure, 0, '', 'running', filed_at FROM engine_case WHERE definition_hash = 'h'"""
WAITING_TASKS = """INSERT INTO engine_task (id, case_id, instance_id, token, procedure, definition_hash, element, name,
    department, audience, candidate_groups, candidate_users, state, due_at, priority, input, opened_at)
    SELECT gen_random_uuid(), id, id, 1, procedure, 'h', 'Review', 'Examiner', department, 'department', '{}', '{}',
        'open', filed_at + interval '3 days', 50, '{}', filed_at FROM engine_case WHERE definition_hash = 'h'"""
WAITING_JOBS = f"""INSERT INTO engine_job ({JOB_COLUMNS})
    SELECT gen_random_uuid(), id, id, 2, procedure, 'h', 'Tell', 'parvis:mail', 'queued', 0, 3, 0, 50, '{{}}', '{{}}',
        '{{}}', filed_at, filed_at FROM engine_case WHERE definition_hash = 'h'"""
WAITING_TIMERS = """INSERT INTO engine_timer (instance_id, token, index, element, due_at)
    SELECT id, 3, 0, 'Late', filed_at + interval '30 days' FROM engine_case WHERE definition_hash = 'h'"""


async def open_instances(count: int, now: datetime) -> None:
    """So many open cases, each with an open task, a due job and a timer."""
    async with transaction():
        # No foreign key is checked a hundred thousand times.
        await run("SET LOCAL session_replication_role = replica")
        await run(OPEN_CASES, count, now)
        for statement in (OPEN_INSTANCES, WAITING_TASKS, WAITING_JOBS, WAITING_TIMERS):
            await run(statement)
    await run("ANALYZE engine_case, engine_instance, engine_task, engine_job, engine_timer")


async def plan_of(sql: str, *arguments: Any) -> tuple[str, float]:
    """How PostgreSQL does it, by its own choice, and how many rows it had to look at."""
    async with transaction(), connection() as open_connection:
        told = await open_connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)
        [plan] = json.loads(told)
    return told, sum(_looked_at(plan["Plan"]))


def _looked_at(node: dict[str, Any]) -> list[float]:
    loops = node["Actual Loops"]
    here = loops * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) if "Relation Name" in node else 0
    return [here, *(rows for inner in node.get("Plans", []) for rows in _looked_at(inner))]


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.proof)])
async def test_what_is_asked_all_day_costs_no_more_with_many_open_instances(now: datetime, count: int) -> None:
    await open_instances(count, now)
    minute_later = now + timedelta(minutes=1)
    inbox_page = f"SELECT id FROM engine_task t WHERE {inbox.OPEN_HERE} ORDER BY {inbox.ORDERS['due'][0]} LIMIT 20"

    seen = {
        "lease": await plan_of(marks.LEASE_JOBS, 10, "w", now, minute_later, None, [], None),
        "lease of types": await plan_of(marks.LEASE_JOBS, 10, "w", now, minute_later, ["parvis:mail"], ["p1"], None),
        "next job": await plan_of(jobs.NEXT_DUE),
        "next timer": await plan_of("SELECT min(due_at) FROM engine_timer WHERE due_at < 'infinity'"),
        "due timers": await plan_of(timers.CLAIM, now + timedelta(days=29), [], 50),
        "inbox": await plan_of(inbox_page, ["d7"]),
    }

    assert [f"{name}: {plan}" for name, (plan, _) in seen.items() if "Seq Scan" in plan] == []
    # An inbox is sorted from the department's own tasks, a fiftieth of all.
    assert {name: rows for name, (_, rows) in seen.items() if rows > (count / 25 if name == "inbox" else 1000)} == {}
