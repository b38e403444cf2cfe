"""What operators see and do: variables, instances, called procedures, history."""

from datetime import datetime, timedelta

import pytest

from engine import cases, incidents, journal, operations, tasks
from engine.errors import ReasonMissing
from tests.engine.bundles import ADMINISTRATOR, AGENT, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")

CALLING = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Ask"/>
<callActivity id="Ask" name="Demander un avis"><extensionElements>
  <zeebe:calledElement processId="opinion" propagateAllParentVariables="false"/>
  <zeebe:ioMapping><zeebe:input source="=answers.name" target="about"/></zeebe:ioMapping>
</extensionElements></callActivity>
<sequenceFlow id="f2" sourceRef="Ask" targetRef="Review"/>
<userTask id="Review" name="Examiner"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="Review" targetRef="Done"/><endEvent id="Done"/>
"""
OPINION = """
<startEvent id="Asked"/><sequenceFlow id="f1" sourceRef="Asked" targetRef="Opine"/>
<userTask id="Opine" name="Donner un avis"><extensionElements><zeebe:userTask/><zeebe:formDefinition formId="review"/>
</extensionElements></userTask>
<sequenceFlow id="f2" sourceRef="Opine" targetRef="Given"/><endEvent id="Given"/>
"""
BROKEN = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="G"/>
<exclusiveGateway id="G" name="Payé ?"/>
<sequenceFlow id="f2" sourceRef="G" targetRef="Done"><conditionExpression>=paid</conditionExpression></sequenceFlow>
<endEvent id="Done"/>
"""


async def test_a_called_procedure_runs_in_the_same_case_and_comes_back(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion", department="etat-civil")
    await a_procedure(now, CALLING)
    filed = await a_case(now)
    [opine] = await tasks.of_case(filed.case_id)

    await tasks.complete(opine.id, {"opinion": "yes"}, AGENT, now)

    parent, child = await operations.instances_of(filed.case_id)
    assert (opine.element, opine.department) == ("Opine", "etat-civil")
    assert (parent.status, child.status, child.parent_id) == ("running", "completed", parent.id)
    assert [task.element for task in await tasks.of_case(filed.case_id) if task.is_open] == ["Review"]
    assert (await operations.variables_of(child.id))["about"] == "Aïcha Le Gall"


async def test_a_cancelled_case_takes_its_called_procedures_with_it(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion")
    await a_procedure(now, CALLING)
    filed = await a_case(now)

    await cases.cancel(filed.case_id, "Retirée", AGENT, now)

    assert [each.status for each in await operations.instances_of(filed.case_id)] == ["cancelled", "cancelled"]
    assert [task.state for task in await tasks.of_case(filed.case_id)] == ["withdrawn"]


async def test_a_procedure_that_is_not_in_service_cannot_be_called(now: datetime) -> None:
    await a_procedure(now, CALLING)
    filed = await a_case(now)
    [incident] = await incidents.of_case(filed.case_id)
    await a_procedure(now, OPINION, slug="opinion")

    await incidents.resolve(incident.id, ADMINISTRATOR, now)

    assert "opinion" in incident.message
    assert [task.element for task in await tasks.of_case(filed.case_id)] == ["Opine"]


async def test_edited_variables_let_a_blocked_case_go_on(now: datetime) -> None:
    await a_procedure(now, BROKEN)
    filed = await a_case(now)
    [instance] = await operations.instances_of(filed.case_id)
    [incident] = await incidents.of_case(filed.case_id)
    blocked = await cases.get(filed.case_id)

    await operations.set_variables(instance.id, {"paid": True}, "Payé au guichet", ADMINISTRATOR, now)
    await incidents.resolve_many([incident.id], ADMINISTRATOR, now)

    assert (blocked.state, incident.kind, incident.element) == ("blocked", "no_flow", "G")
    assert (await cases.get(filed.case_id)).state == "closed"
    edited = [fact for fact in await journal.of_case(filed.case_id) if "edited" in fact.fact]
    assert edited[0].parameters == {"names": "paid", "reason": "Payé au guichet"}
    with pytest.raises(ReasonMissing):
        await operations.set_variables(instance.id, {}, "", ADMINISTRATOR, now)


async def test_an_incident_whose_cause_is_still_there_stays_open(now: datetime) -> None:
    await a_procedure(now, BROKEN)
    filed = await a_case(now)
    [incident] = await incidents.of_case(filed.case_id)

    await incidents.resolve(incident.id, ADMINISTRATOR, now + timedelta(hours=1))

    [still] = await incidents.open_of(("voirie",))
    assert still.element == "G"
    assert (await cases.get(filed.case_id)).state == "blocked"


async def test_the_history_tells_when_and_by_whom_each_element_was_passed(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)

    await tasks.complete(task.id, {"opinion": "yes"}, AGENT, now + timedelta(hours=2))

    passages = await journal.elements(filed.case_id)
    left = next(each for each in passages if each.element == "Review" and each.happened == "left")
    assert [each.element for each in passages if each.happened == "entered"] == ["Filed", "Review", "Tell"]
    assert (left.at, left.actor_name, left.details) == (
        now + timedelta(hours=2),
        "Yann Kerbrat",
        {"outcome": "completed"},
    )
    written = [each.details["values"] for each in await journal.variables_written(filed.case_id)]
    assert {"review": {"opinion": "yes"}} in written
