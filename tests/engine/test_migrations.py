"""Cases go on with another version: the dry run, one case, a batch; what is open stays open, what stays says why."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from engine import (
    batches,
    cases,
    deployments,
    incidents,
    jobs,
    journal,
    messages,
    migrations,
    operations,
    suspensions,
    tasks,
    timers,
)
from engine.connector import JobOutcome
from engine.errors import InstanceEnded, InstanceStays, InstanceUnknown, OtherProcedure, PlanInvalid, ReasonMissing
from engine.migration import Mover
from engine.store.statements import rows, value
from tests.engine.bundles import (
    ADMINISTRATOR,
    AGENT,
    COLLEAGUE,
    DEFINITIONS,
    MISSING_PAPER,
    PAYMENT,
    REVIEW,
    a_case,
    a_procedure,
)
from tests.engine.test_operations import BROKEN, CALLING, OPINION

pytestmark = pytest.mark.usefixtures("database")

CHECKED = (
    REVIEW.replace('targetRef="Tell"', 'targetRef="Check"', 1)
    + """
<userTask id="Check" name="Vérifier"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f9" sourceRef="Check" targetRef="Tell"/>
"""
)
RENAMED = REVIEW.replace('"Review"', '"Examine"').replace("Examiner la demande", "Étudier la demande")
WITHOUT_REVIEW = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Call"/>
<userTask id="Call" name="Appeler"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f2" sourceRef="Call" targetRef="Done"/><endEvent id="Done"/>
"""

ITSELF = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Deep"/>
<exclusiveGateway id="Deep" default="f2"/>
<sequenceFlow id="f2" sourceRef="Deep" targetRef="Ask"/>
<sequenceFlow id="f3" sourceRef="Deep" targetRef="Review"><conditionExpression>=deep = true</conditionExpression>
</sequenceFlow>
<callActivity id="Ask"><extensionElements>
  <zeebe:calledElement processId="petition" propagateAllParentVariables="false"/>
  <zeebe:ioMapping><zeebe:input source="=true" target="deep"/></zeebe:ioMapping></extensionElements></callActivity>
<userTask id="Review" name="{title}"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f4" sourceRef="Ask" targetRef="Done"/><sequenceFlow id="f5" sourceRef="Review" targetRef="Done"/>
<endEvent id="Done"/>
"""


async def to(now: datetime, body: str, said: dict[str, str | None] | None = None, slug: str = "petition") -> Mover:
    """What moves cases from the version in service to this one, which is put in service."""
    before = (await deployments.active(slug)).hash
    after = (await a_procedure(now, body, slug=slug)).hash
    return await migrations.mover_between(before, after, said or {})


async def instance_of(case_id: UUID) -> UUID:
    return (await operations.instances_of(case_id))[0].id


async def test_an_open_task_keeps_its_draft_its_assignee_and_its_due_date(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [before] = await tasks.of_case(filed.case_id)
    await tasks.claim(before.id, AGENT, now)
    await tasks.save_draft(before.id, {"note": "presque"}, AGENT, now)

    mover = await to(now, RENAMED, {"Review": "Examine"})
    await migrations.migrate(await instance_of(filed.case_id), mover, "Nouvelle étude", ADMINISTRATOR, now)

    [after] = await tasks.of_case(filed.case_id)
    assert (after.id, after.draft, after.assignee_id, after.due_at) == (
        before.id,
        {"note": "presque"},
        AGENT.id,
        before.due_at,
    )
    assert (after.element, after.name, after.definition_hash) == ("Examine", "Étudier la demande", mover.new.hash)


async def test_a_moved_case_goes_on_as_the_new_version_says(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)

    mover = await to(now, CHECKED)
    await migrations.migrate(await instance_of(filed.case_id), mover, "Contrôle ajouté", ADMINISTRATOR, now)
    await tasks.complete(task.id, {}, AGENT, now)

    assert [one.element for one in await tasks.of_case(filed.case_id) if one.is_open] == ["Check"]
    assert (await cases.get(filed.case_id)).definition_hash == mover.new.hash


async def test_a_leased_job_reports_to_the_new_version(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)

    mover = await to(now, CHECKED)
    await migrations.migrate(await instance_of(filed.case_id), mover, "Contrôle", ADMINISTRATOR, now)

    assert await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), now)
    assert (await cases.get(filed.case_id)).state == "closed"


async def test_a_timer_keeps_its_due_time_and_fires_in_the_new_version(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)

    mover = await to(now, MISSING_PAPER.replace("P15D", "P30D"))
    await migrations.migrate(await instance_of(filed.case_id), mover, "Délai", ADMINISTRATOR, now + timedelta(days=1))

    assert await timers.next_due() == now + timedelta(days=15)
    assert await timers.fire_due(10, now + timedelta(days=15)) == 1
    assert (await cases.get(filed.case_id)).decision == "closed"


async def test_a_message_reaches_a_moved_case_by_the_name_it_has_there(now: datetime) -> None:
    await a_procedure(now, PAYMENT)
    filed = await a_case(now, answers={"invoice": "F1"})
    before = (await deployments.active("petition")).hash
    renamed = await a_procedure(now, PAYMENT.replace("payment", "alarm"))
    mover = await migrations.mover_between(before, renamed.hash, {})

    await migrations.migrate(await instance_of(filed.case_id), mover, "Renommé", ADMINISTRATOR, now)

    assert await messages.publish("payment", "F1", {}, now=now) == 0
    assert await messages.publish("alarm", "F1", {}, now=now) == 1
    assert [task.element for task in await tasks.of_case(filed.case_id)] == ["Review"]


async def test_a_broken_definition_is_cured_by_migrating_then_retrying(now: datetime) -> None:
    await a_procedure(now, BROKEN)
    filed = await a_case(now)
    [incident] = await incidents.of_case(filed.case_id)

    mover = await to(now, BROKEN.replace("=paid<", '=answers.name != ""<'))
    await migrations.migrate(await instance_of(filed.case_id), mover, "Condition corrigée", ADMINISTRATOR, now)
    still_open = (await cases.get(filed.case_id)).state
    await incidents.resolve(incident.id, ADMINISTRATOR, now, "Corrigée")

    assert (still_open, (await cases.get(filed.case_id)).state) == ("blocked", "closed")


async def test_the_dry_run_judges_every_live_case_and_changes_nothing(now: datetime) -> None:
    await a_procedure(now)
    filed = [await a_case(now, key=f"k{number}") for number in range(3)]
    [task] = await tasks.of_case(filed[0].case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    await cases.cancel(filed[2].case_id, "Retirée", AGENT, now)
    before = await rows("SELECT id, rev, state FROM engine_instance ORDER BY id")

    mover = await to(now, REVIEW.replace('id="Tell"', 'id="Write"').replace('Ref="Tell"', 'Ref="Write"'))
    found = {verdict.reference: verdict async for verdict in migrations.verdicts(mover, now)}

    assert set(found) == {filed[0].reference, filed[1].reference}
    assert found[filed[1].reference].moves
    assert "no counterpart" in found[filed[0].reference].obstacles[0].sentence
    assert await rows("SELECT id, rev, state FROM engine_instance ORDER BY id") == before


async def test_a_case_that_cannot_move_stays_and_says_why(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    instance_id = await instance_of(filed.case_id)
    mover = await to(now, WITHOUT_REVIEW)

    with pytest.raises(InstanceStays) as stays:
        await migrations.migrate(instance_id, mover, "Essai", ADMINISTRATOR, now)

    assert "Examiner la demande" in str(stays.value)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    assert not any("version" in fact.fact for fact in await journal.of_case(filed.case_id))


async def test_a_batch_moves_who_can_move_and_names_who_stays(now: datetime) -> None:
    await a_procedure(now)
    filed = [await a_case(now, key=f"k{number}") for number in range(4)]
    [task] = await tasks.of_case(filed[0].case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    mover = await to(now, REVIEW.replace('id="Tell"', 'id="Write"').replace('Ref="Tell"', 'Ref="Write"'))
    ids = [verdict.instance_id async for verdict in migrations.verdicts(mover, now)]

    batch_id = await batches.begin(
        "migrate",
        ids,
        reason="Nouvelle lettre",
        by=ADMINISTRATOR,
        now=now,
        parameters={"source": mover.old.hash, "target": mover.new.hash, "said": {}},
        procedure="petition",
    )
    await batches.advance(2, now)
    half = await batches.get(batch_id)
    await batches.pause(batch_id)
    paused = await batches.advance(10, now)
    await batches.go_on(batch_id)
    await batches.advance(10, now)

    whole = await batches.get(batch_id)
    assert (half.waiting, paused) == (2, 0)
    assert (whole.state, whole.done, whole.refused, whole.waiting) == ("finished", 3, 1, 0)
    [stayed] = await batches.refused(batch_id)
    assert (stayed.reference, "Écrire la réponse" in stayed.obstacles[0].sentence) == (filed[0].reference, True)
    assert await migrations.live_count(mover.old.hash) == 1


async def test_a_called_procedure_stays_on_its_own_version_and_comes_back_to_the_new_one(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion")
    await a_procedure(now, CALLING)
    filed = await a_case(now)
    parent, child = await operations.instances_of(filed.case_id)

    mover = await to(now, CALLING.replace("Examiner", "Relire"))
    await migrations.migrate(parent.id, mover, "Relecture", ADMINISTRATOR, now)
    [opine] = await tasks.of_case(filed.case_id)
    await tasks.complete(opine.id, {}, AGENT, now)

    assert (await operations.instances_of(filed.case_id))[1].definition_hash == child.definition_hash
    assert [task.name for task in await tasks.of_case(filed.case_id) if task.is_open] == ["Relire"]


async def test_called_instances_of_the_same_version_follow_their_caller(now: datetime) -> None:
    def calling_itself(title: str) -> dict[str, bytes]:
        return {"petition.bpmn": DEFINITIONS.format(process="main", body=ITSELF.format(title=title)).encode()}

    old = await a_procedure(now, files=calling_itself("Examiner"), process="main")
    filed = await a_case(now)
    new = await a_procedure(now, files=calling_itself("Relire"), process="main")
    parent, child = await operations.instances_of(filed.case_id)
    mover = await migrations.mover_between(old.hash, new.hash, {})

    judged = [verdict.instance_id async for verdict in migrations.verdicts(mover, now)]
    await migrations.migrate(parent.id, mover, "Relecture", ADMINISTRATOR, now)

    assert judged == [parent.id]
    assert [each.definition_hash for each in await operations.instances_of(filed.case_id)] == [new.hash, new.hash]
    [task] = await tasks.of_case(filed.case_id)
    assert (task.instance_id, task.name) == (child.id, "Relire")
    await tasks.complete(task.id, {}, AGENT, now)
    assert (await cases.get(filed.case_id)).state == "closed"


async def test_the_history_and_the_journal_tell_of_the_migration(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)

    mover = await to(now, RENAMED, {"Review": "Examine"})
    await migrations.migrate(await instance_of(filed.case_id), mover, "Nouvelle étude", ADMINISTRATOR, now)

    fact = (await journal.of_case(filed.case_id))[-1]
    assert (fact.actor_name, fact.parameters) == (ADMINISTRATOR.name, {"version": 2, "reason": "Nouvelle étude"})
    told = await rows("SELECT happened, element FROM engine_history ORDER BY id DESC LIMIT 3")
    assert [(line["happened"], line["element"]) for line in reversed(told)] == [
        ("migrated", None),
        ("left", "Review"),
        ("entered", "Examine"),
    ]
    assert [step.label for step in await journal.steps(filed.case_id) if step.left_at is None] == [
        "Votre demande est examinée"
    ]


async def test_bad_input_is_refused_with_its_reason(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    other = await a_procedure(now, OPINION, slug="opinion")
    mover = await to(now, CHECKED)
    instance_id = await instance_of(filed.case_id)

    with pytest.raises(OtherProcedure):
        await migrations.mover_between(mover.old.hash, other.hash, {})
    with pytest.raises(PlanInvalid):
        await migrations.mover_between(mover.old.hash, mover.new.hash, {"Nowhere": "Review"})
    with pytest.raises(ReasonMissing):
        await migrations.migrate(instance_id, mover, " ", ADMINISTRATOR, now)
    with pytest.raises(InstanceUnknown):
        await migrations.migrate(UUID(int=1), mover, "Essai", ADMINISTRATOR, now)
    await migrations.migrate(instance_id, mover, "Contrôle", ADMINISTRATOR, now)
    with pytest.raises(InstanceStays):
        await migrations.migrate(instance_id, mover, "Encore", ADMINISTRATOR, now)
    await cases.cancel(filed.case_id, "Retirée", COLLEAGUE, now)
    with pytest.raises(InstanceEnded):
        await migrations.migrate(instance_id, mover, "Trop tard", ADMINISTRATOR, now)


async def test_cases_of_a_retired_version_go_on_and_can_be_moved(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    mover = await to(now, CHECKED)
    await deployments.retire("petition", ADMINISTRATOR, now)

    await migrations.migrate(await instance_of(filed.case_id), mover, "Retirée du site", ADMINISTRATOR, now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)

    assert [one.element for one in await tasks.of_case(filed.case_id) if one.is_open] == ["Check"]


async def test_a_suspended_case_moves_and_stays_suspended(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    instance_id = await instance_of(filed.case_id)
    await suspensions.suspend(instance_id, "Contrôle", ADMINISTRATOR, now)
    watched = (
        MISSING_PAPER
        + """<boundaryEvent id="Late" cancelActivity="false" attachedToRef="Provide">
        <timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>
        <sequenceFlow id="f8" sourceRef="Late" targetRef="Done"/>"""
    )

    await migrations.migrate(instance_id, await to(now, watched), "Relance", ADMINISTRATOR, now)

    assert (await timers.next_due(), await value("SELECT count(*) FROM engine_timer")) == (None, 2)
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)
    assert await timers.next_due() == now + timedelta(days=1)
