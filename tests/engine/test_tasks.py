"""Tasks: the inbox, claiming, passing on, completing, and what a late colleague is told."""

import asyncio
from datetime import datetime, timedelta

import pytest

from engine import cases, tasks
from engine.errors import TaskAlreadyCompleted, TaskClaimedByAnother, TaskWithdrawn
from engine.tasks import InboxFilters, Page
from tests.engine.bundles import AGENT, CITIZEN, COLLEAGUE, MISSING_PAPER, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def a_task(now: datetime, key: str = "k1") -> tasks.Task:
    filed = await a_case(now, key=key)
    return (await tasks.of_case(filed.case_id))[0]


async def test_an_open_task_is_in_the_inbox_of_its_department_only(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)

    here = await tasks.inbox(("voirie",), InboxFilters(), Page(), now)
    elsewhere = await tasks.inbox(("etat-civil",), InboxFilters(), Page(), now)

    assert [line.task_id for line in here.tasks] == [task.id]
    assert here.tasks[0].applicant_name == "Aïcha Le Gall"
    assert here.tasks[0].due_at == now + timedelta(days=2)
    assert elsewhere.tasks == ()


async def test_what_the_citizen_must_do_is_in_no_inbox(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    await a_case(now)

    inbox = await tasks.inbox(("voirie",), InboxFilters(), Page(), now)

    assert inbox.tasks == ()


@pytest.mark.parametrize("order", ["due", "oldest", "priority"])
async def test_pages_of_the_inbox_show_every_task_once(now: datetime, order: str) -> None:
    await a_procedure(now)
    filed = [await a_task(now + timedelta(minutes=n % 3), key=f"k{n}") for n in range(7)]
    filters = InboxFilters(order=order)  # type: ignore[arg-type]

    first = await tasks.inbox(("voirie",), filters, Page(size=3), now)
    second = await tasks.inbox(("voirie",), filters, Page(after=first.next, size=3), now)
    third = await tasks.inbox(("voirie",), filters, Page(after=second.next, size=3), now)

    seen = [line.task_id for page in (first, second, third) for line in page.tasks]
    assert len(seen) == 7
    assert set(seen) == {task.id for task in filed}
    assert third.next is None


async def test_a_claimed_task_is_counted_as_mine_and_refused_to_colleagues(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)

    await tasks.claim(task.id, AGENT, now)

    counts = await tasks.counts(("voirie",), AGENT.id, now)
    unclaimed = await tasks.inbox(("voirie",), InboxFilters(unclaimed=True), Page(), now)
    assert (counts.open, counts.unclaimed, counts.mine, counts.late) == (1, 0, 1, 0)
    assert unclaimed.tasks == ()
    with pytest.raises(TaskClaimedByAnother) as refusal:
        await tasks.claim(task.id, COLLEAGUE, now)
    assert refusal.value.by_name == "Yann Kerbrat"
    with pytest.raises(TaskClaimedByAnother):
        await tasks.complete(task.id, {}, COLLEAGUE, now)


async def test_a_released_task_can_be_claimed_by_a_colleague(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)
    await tasks.claim(task.id, AGENT, now)

    await tasks.release(task.id, AGENT, now)
    await tasks.claim(task.id, COLLEAGUE, now)

    assert (await tasks.get(task.id)).assignee_name == "Maud Prigent"


async def test_a_delegated_task_belongs_to_the_other_agent(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)
    assert COLLEAGUE.id is not None

    await tasks.delegate(task.id, COLLEAGUE.id, COLLEAGUE.name, AGENT, now)

    [load] = await tasks.load_by_agent(("voirie",), now)
    assert (load.agent_name, load.open) == ("Maud Prigent", 1)


async def test_several_tasks_are_reassigned_at_once(now: datetime) -> None:
    await a_procedure(now)
    mine = [await a_task(now, key=f"k{n}") for n in range(3)]
    assert COLLEAGUE.id is not None

    given = await tasks.reassign([task.id for task in mine], COLLEAGUE.id, COLLEAGUE.name, AGENT, now)

    assert given == 3
    assert len(await tasks.claimed_by(COLLEAGUE.id, ("voirie",))) == 3


async def test_a_task_passed_to_another_department_changes_inbox_and_keeps_its_due_date(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)

    await tasks.transfer(task.id, "espaces-verts", "Un arbre", AGENT, now)

    inbox = await tasks.inbox(("espaces-verts",), InboxFilters(), Page(), now)
    assert [(line.task_id, line.due_at) for line in inbox.tasks] == [(task.id, task.due_at)]
    assert (await cases.get(task.case_id)).transfers == 1


async def test_the_second_of_two_agents_is_told_who_completed_the_task(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)

    outcomes = await asyncio.gather(
        tasks.complete(task.id, {"a": 1}, AGENT, now),
        tasks.complete(task.id, {"a": 2}, COLLEAGUE, now),
        return_exceptions=True,
    )

    [refused] = [outcome for outcome in outcomes if isinstance(outcome, TaskAlreadyCompleted)]
    done = await tasks.get(task.id)
    assert outcomes.count(None) == 1
    assert (refused.by_name, refused.at) == (done.ended_by_name, now)


async def test_a_withdrawn_task_is_refused(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)
    await cases.cancel(task.case_id, "Retirée", AGENT, now)

    with pytest.raises(TaskWithdrawn):
        await tasks.complete(task.id, {}, AGENT, now)


async def test_a_draft_stays_with_the_task(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)

    await tasks.save_draft(task.id, {"opinion": "favor"}, AGENT, now)
    await tasks.claim(task.id, AGENT, now)

    assert (await tasks.get(task.id)).draft == {"opinion": "favor"}
    with pytest.raises(TaskClaimedByAnother):
        await tasks.save_draft(task.id, {}, COLLEAGUE, now)


async def test_late_work_is_listed_for_the_supervisor(now: datetime) -> None:
    await a_procedure(now)
    task = await a_task(now)
    later = now + timedelta(days=3)

    late = await tasks.late(("voirie",), later)

    assert [line.task_id for line in late] == [task.id]
    assert late[0].is_overdue(later)
    assert (await tasks.inbox(("voirie",), InboxFilters(late=True), Page(), now)).tasks == ()
    assert [line.task_id for line in await tasks.unclaimed(("voirie",), later)] == [task.id]


async def test_claiming_and_completing_at_once_never_deadlock(now: datetime) -> None:
    await a_procedure(now)
    mine = [await a_task(now, key=f"k{n}") for n in range(6)]

    outcomes = await asyncio.gather(
        *(tasks.complete(task.id, {}, AGENT, now) for task in mine),
        *(tasks.claim(task.id, AGENT, now) for task in mine),
        *(tasks.transfer(task.id, "voirie", "essai", CITIZEN, now) for task in mine),
        return_exceptions=True,
    )

    unexpected = [
        outcome
        for outcome in outcomes
        if outcome and not isinstance(outcome, TaskAlreadyCompleted | TaskClaimedByAnother)
    ]
    assert unexpected == []
