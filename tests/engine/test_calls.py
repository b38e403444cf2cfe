"""What travels between instances of different procedures: escalations, versions by their tag, calls without end, and
the second message of a process that begins with two."""

from datetime import datetime, timedelta

import pytest

from engine import incidents, messages
from engine.store.statements import value
from tests.engine.bundles import a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")

CALL = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Ask"/>
<callActivity id="Ask"><extensionElements>
  <zeebe:calledElement processId="{process}" {binding}/></extensionElements></callActivity>
<boundaryEvent id="Told" attachedToRef="Ask" cancelActivity="false"><escalationEventDefinition/></boundaryEvent>
<sequenceFlow id="f2" sourceRef="Told" targetRef="Look"/>
<userTask id="Look"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="Look" targetRef="Seen"/><endEvent id="Seen"/>
<sequenceFlow id="f4" sourceRef="Ask" targetRef="Done"/><endEvent id="Done"/>
"""
ESCALATING = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Worry"/>
<intermediateThrowEvent id="Worry"><escalationEventDefinition/></intermediateThrowEvent>
<sequenceFlow id="f2" sourceRef="Worry" targetRef="Review"/>
<userTask id="Review"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="Review" targetRef="Done"/><endEvent id="Done"/>
"""
ONE_TASK = """<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements>
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="{task}"/>
<userTask id="{task}"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f2" sourceRef="{task}" targetRef="Done"/><endEvent id="Done"/>
"""
TOGETHER = """
<eventBasedGateway id="Both" instantiate="true" eventGatewayType="Parallel"/>
<sequenceFlow id="f1" sourceRef="Both" targetRef="Alarm"/>
<intermediateCatchEvent id="Alarm"><messageEventDefinition messageRef="alarm"/></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="Both" targetRef="Storm"/>
<intermediateCatchEvent id="Storm"><signalEventDefinition signalRef="storm"/></intermediateCatchEvent>
<sequenceFlow id="f3" sourceRef="Alarm" targetRef="E1"/><endEvent id="E1"/>
<sequenceFlow id="f4" sourceRef="Storm" targetRef="E2"/><endEvent id="E2"/>
"""


async def test_an_escalation_of_a_called_procedure_reaches_the_boundary_of_the_call(now: datetime) -> None:
    await a_procedure(now, ESCALATING, slug="called")
    await a_procedure(now, CALL.format(process="called", binding=""))

    await a_case(now)

    opened = await value("SELECT array_agg(element ORDER BY element) FROM engine_task WHERE state = 'open'")
    assert opened == ["Look", "Review"], "the handler runs beside the called procedure, which goes on"


async def test_a_call_may_be_bound_to_the_version_with_a_tag(now: datetime) -> None:
    await a_procedure(now, ONE_TASK.format(tag="old", task="Old"), slug="called")
    await a_procedure(now + timedelta(hours=1), ONE_TASK.format(tag="new", task="New"), slug="called")
    bound = 'bindingType="versionTag" versionTag="old"'
    await a_procedure(now, CALL.format(process="called", binding=bound))

    await a_case(now)

    assert await value("SELECT array_agg(element) FROM engine_task WHERE state = 'open'") == ["Old"]


async def test_a_call_to_a_tag_that_no_version_has_is_an_incident(now: datetime) -> None:
    await a_procedure(now, ONE_TASK.format(tag="old", task="Old"), slug="called")
    await a_procedure(now, CALL.format(process="called", binding='bindingType="versionTag" versionTag="none"'))

    await a_case(now)

    assert [incident.element for incident in await incidents.open_of()] == ["Ask"]


async def test_procedures_that_call_one_another_without_end_stop_with_an_incident(now: datetime) -> None:
    await a_procedure(now, CALL.format(process="second", binding=""), slug="first")
    await a_procedure(now, CALL.format(process="first", binding=""), slug="second")

    await a_case(now, procedure="first")

    found = await incidents.open_of()
    assert [incident.element for incident in found] == ["Ask"] and "levels deep" in found[0].message


async def test_the_second_event_of_a_parallel_start_joins_the_case_that_the_first_began(now: datetime) -> None:
    await a_procedure(now, TOGETHER)

    await messages.publish("alarm", None, {}, now=now)
    assert await value("SELECT count(*) FROM engine_case WHERE state <> 'closed'") == 1
    await messages.broadcast("storm", {}, now=now)

    assert await value("SELECT array_agg(state) FROM engine_case") == ["closed"]
