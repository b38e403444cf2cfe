"""Suspended instances: nothing of them moves, nothing that reaches them is lost, and all of it happens once they are
resumed.
"""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from engine import cases, incidents, jobs, journal, messages, operations, suspensions, tasks, timers
from engine.bpmn import sizes
from engine.connector import JobOutcome
from engine.errors import (
    CallerSuspended,
    InstanceEnded,
    InstanceNotSuspended,
    InstanceSuspended,
    InstanceUnknown,
    ReasonMissing,
)
from engine.store.statements import value
from tests.engine.bundles import ADMINISTRATOR, AGENT, MISSING_PAPER, PAYMENT, REVIEW, a_case, a_procedure
from tests.engine.test_operations import CALLING, OPINION

pytestmark = pytest.mark.usefixtures("database")

PAID_TWICE = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="First"/>
<intermediateCatchEvent id="First"><messageEventDefinition messageRef="payment"/></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="First" targetRef="Second"/>
<intermediateCatchEvent id="Second"><messageEventDefinition messageRef="payment"/></intermediateCatchEvent>
<sequenceFlow id="f3" sourceRef="Second" targetRef="Done"/><endEvent id="Done"/>
"""


async def suspended(now: datetime, body: str = REVIEW, answers: dict[str, str] | None = None) -> tuple[UUID, UUID]:
    """A suspended case of this process: (case, instance)."""
    await a_procedure(now, body)
    filed = await a_case(now, answers=answers)
    [instance] = await operations.instances_of(filed.case_id)
    await suspensions.suspend(instance.id, "Contrôle en cours", ADMINISTRATOR, now)
    return filed.case_id, instance.id


async def test_a_task_of_a_suspended_case_cannot_be_completed(now: datetime) -> None:
    case_id, _ = await suspended(now)
    [task] = await tasks.of_case(case_id)

    with pytest.raises(InstanceSuspended):
        await tasks.complete(task.id, {}, AGENT, now)

    assert (await tasks.get(task.id)).state == "open"
    assert (await cases.get(case_id)).state == "open"


async def test_words_written_into_a_task_of_a_suspended_case_are_kept(now: datetime) -> None:
    case_id, instance_id = await suspended(now)
    [task] = await tasks.of_case(case_id)

    await tasks.claim(task.id, AGENT, now)
    await tasks.save_draft(task.id, {"note": "à revoir"}, AGENT, now)
    await suspensions.resume(instance_id, "Contrôle terminé", ADMINISTRATOR, now)
    await tasks.complete(task.id, {"note": "revu"}, AGENT, now)

    assert (await tasks.get(task.id)).answers == {"note": "revu"}


async def test_no_job_of_a_suspended_case_is_leased_until_it_is_resumed(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [instance] = await operations.instances_of(filed.case_id)
    await suspensions.suspend(instance.id, "Contrôle", ADMINISTRATOR, now)

    while_suspended = await jobs.lease(10, "w", now + timedelta(days=30))
    await suspensions.resume(instance.id, "Terminé", ADMINISTRATOR, now)
    afterwards = await jobs.lease(10, "w", now + timedelta(days=30))

    assert while_suspended == []
    assert [leased.job.element_id for leased in afterwards] == ["Tell"]


async def test_the_result_of_a_job_that_ran_when_the_case_was_suspended_is_kept(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)
    [instance] = await operations.instances_of(filed.case_id)
    await suspensions.suspend(instance.id, "Contrôle", ADMINISTRATOR, now)

    assert await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(variables={"sent": True}), now)
    before = (await cases.get(filed.case_id)).state
    await suspensions.resume(instance.id, "Terminé", ADMINISTRATOR, now)

    assert (before, (await cases.get(filed.case_id)).state) == ("open", "closed")
    assert (await operations.variables_of(instance.id))["sent"] is True
    assert await jobs.lease(10, "w", now + timedelta(days=1)) == []


async def test_a_failed_try_and_a_renewed_lease_do_not_make_a_held_job_due(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)
    [instance] = await operations.instances_of(filed.case_id)
    await suspensions.suspend(instance.id, "Contrôle", ADMINISTRATOR, now)

    renewed = await jobs.renew(leased.job.id, leased.job.attempt, now)
    await jobs.fail(leased.job.id, leased.job.attempt, "no answer", now)

    assert renewed
    assert await jobs.next_due() is None
    assert await jobs.lease(10, "w", now + timedelta(days=1)) == []
    await suspensions.resume(instance.id, "Terminé", ADMINISTRATOR, now)
    assert len(await jobs.lease(10, "w", now + timedelta(days=1))) == 1


async def test_an_overdue_timer_fires_once_after_the_resumption(now: datetime) -> None:
    case_id, instance_id = await suspended(now, MISSING_PAPER)
    later = now + timedelta(days=20)

    fired_meanwhile = await timers.fire_due(10, later)
    next_due = await timers.next_due()
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, later)

    assert (fired_meanwhile, next_due) == (0, None)
    assert [await timers.fire_due(10, later), await timers.fire_due(10, later)] == [1, 0]
    assert (await cases.get(case_id)).decision == "closed"


async def test_a_timer_that_is_not_yet_due_keeps_its_time(now: datetime) -> None:
    _, instance_id = await suspended(now, MISSING_PAPER)

    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now + timedelta(days=3))

    assert await timers.next_due() == now + timedelta(days=15)


async def test_a_message_for_a_suspended_case_waits_for_it(now: datetime) -> None:
    case_id, instance_id = await suspended(now, PAYMENT, {"invoice": "F1"})

    reached = await messages.publish("payment", "F1", {"amount": 12}, now=now)
    before = [task.element for task in await tasks.of_case(case_id)]
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)

    assert (reached, before) == (1, [])
    assert [task.element for task in await tasks.of_case(case_id)] == ["Review"]
    assert (await operations.variables_of(instance_id))["amount"] == 12


async def test_messages_for_a_suspended_case_arrive_in_their_order(now: datetime) -> None:
    case_id, instance_id = await suspended(now, PAID_TWICE, {"invoice": "F1"})
    await messages.publish("payment", "F1", {"amount": 1}, now=now)
    await messages.publish("payment", "F1", {"amount": 2}, now=now)

    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)

    assert (await cases.get(case_id)).state == "closed"
    assert (await operations.variables_of(instance_id))["amount"] == 2


async def test_a_message_the_resumed_case_no_longer_waits_for_is_offered_to_others(now: datetime) -> None:
    _, instance_id = await suspended(now, PAYMENT, {"invoice": "F1"})
    await messages.publish("payment", "F1", {}, now=now)
    await messages.publish("payment", "F1", {"amount": 2}, now=now)
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)

    other = await a_case(now, answers={"invoice": "F1"}, key="k2")

    assert [task.element for task in await tasks.of_case(other.case_id)] == ["Review"]


async def test_called_instances_stand_still_with_their_caller(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion")
    await a_procedure(now, CALLING)
    filed = await a_case(now)
    parent, child = await operations.instances_of(filed.case_id)
    [task] = await tasks.of_case(filed.case_id)
    await suspensions.suspend(parent.id, "Contrôle", ADMINISTRATOR, now)

    with pytest.raises(InstanceSuspended):
        await tasks.complete(task.id, {}, AGENT, now)
    with pytest.raises(CallerSuspended):
        await suspensions.resume(child.id, "Seulement l'avis", ADMINISTRATOR, now)

    await suspensions.resume(parent.id, "Terminé", ADMINISTRATOR, now)
    await tasks.complete(task.id, {}, AGENT, now)
    assert [task.element for task in await tasks.of_case(filed.case_id) if task.is_open] == ["Review"]


async def test_a_caller_goes_on_while_only_the_called_instance_is_suspended(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion")
    await a_procedure(now, CALLING)
    filed = await a_case(now)
    parent, child = await operations.instances_of(filed.case_id)

    await suspensions.suspend(child.id, "Avis contesté", ADMINISTRATOR, now)

    parent, child = await operations.instances_of(filed.case_id)
    assert (parent.suspended_at, child.suspended_at) == (None, now)


async def test_a_suspended_case_can_still_be_cancelled(now: datetime) -> None:
    case_id, instance_id = await suspended(now)

    await cases.cancel(case_id, "Retirée", AGENT, now)

    [instance] = await operations.instances_of(case_id)
    assert (instance.status, (await cases.get(case_id)).state) == ("cancelled", "cancelled")
    with pytest.raises(InstanceEnded):
        await suspensions.resume(instance_id, "Trop tard", ADMINISTRATOR, now)


async def test_the_journal_says_who_suspended_and_why(now: datetime) -> None:
    case_id, instance_id = await suspended(now)
    await suspensions.resume(instance_id, "Contrôle terminé", ADMINISTRATOR, now)

    told = [(fact.actor_name, fact.parameters["reason"]) for fact in (await journal.of_case(case_id))[-2:]]

    assert told == [(ADMINISTRATOR.name, "Contrôle en cours"), (ADMINISTRATOR.name, "Contrôle terminé")]
    assert not any(fact.public for fact in await journal.of_case(case_id) if "suspended" in fact.fact)


async def test_what_makes_no_sense_is_refused_with_its_reason(now: datetime) -> None:
    _, instance_id = await suspended(now)

    with pytest.raises(InstanceSuspended):
        await suspensions.suspend(instance_id, "Encore", ADMINISTRATOR, now)
    with pytest.raises(ReasonMissing):
        await suspensions.resume(instance_id, "  ", ADMINISTRATOR, now)
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)
    with pytest.raises(InstanceNotSuspended):
        await suspensions.resume(instance_id, "Encore", ADMINISTRATOR, now)
    with pytest.raises(InstanceUnknown):
        await suspensions.suspend(UUID(int=1), "Qui ?", ADMINISTRATOR, now)


async def test_an_administrators_edit_of_a_suspended_case_opens_nothing_that_moves(now: datetime) -> None:
    await a_procedure(now, CONDITIONAL)
    filed = await a_case(now)
    [instance] = await operations.instances_of(filed.case_id)
    await suspensions.suspend(instance.id, "Contrôle", ADMINISTRATOR, now)

    await operations.set_variables(instance.id, {"ready": True}, "Corrigé", ADMINISTRATOR, now)

    assert await value("SELECT count(*) FROM engine_job WHERE due_at < 'infinity'") == 0
    await suspensions.resume(instance.id, "Terminé", ADMINISTRATOR, now)
    assert [leased.job.element_id for leased in await jobs.lease(10, "w", now)] == ["Tell"]


CONDITIONAL = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Ready"/>
<intermediateCatchEvent id="Ready"><conditionalEventDefinition><condition>=ready = true</condition>
</conditionalEventDefinition></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="Ready" targetRef="Tell"/>
<serviceTask id="Tell"><extensionElements><zeebe:taskDefinition type="parvis:mail"/></extensionElements></serviceTask>
<sequenceFlow id="f3" sourceRef="Tell" targetRef="Done"/><endEvent id="Done"/>
"""


async def test_a_kept_result_that_is_more_than_the_case_may_hold_blocks_its_step_at_the_resumption(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_procedure(now)
    case = await a_case(now)
    [task] = await tasks.of_case(case.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)
    [instance] = await operations.instances_of(case.case_id)
    await suspensions.suspend(instance.id, "Contrôle", ADMINISTRATOR, now)
    monkeypatch.setattr(sizes._limit, "most", 128 * 1024)
    await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(variables={"found": "a" * 256 * 1024}), now)

    await suspensions.resume(instance.id, "Fini", ADMINISTRATOR, now)

    [incident] = await incidents.of_case(case.case_id)
    assert (incident.element, incident.kind) == ("Tell", "job")
    assert "at most" in incident.message
