"""Smells: what can be published, and deserves a look."""

import pytest

from engine import lint
from engine.lint import Finding
from tests.engine.bundles import a_bundle
from tests.engine.test_lint import Town

REMINDED = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Review"/>
<userTask id="Review" name="Examiner"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<boundaryEvent id="Late" attachedToRef="Review" cancelActivity="false"><timerEventDefinition>
  <timeDuration xsi:type="tFormalExpression">P2D</timeDuration></timerEventDefinition></boundaryEvent>
<sequenceFlow id="f2" sourceRef="Late" targetRef="Over"/><endEvent id="Over"/>
<sequenceFlow id="f3" sourceRef="Review" targetRef="Done"/><endEvent id="Done"/>
"""
REMINDING = REMINDED.replace(
    '<endEvent id="Over"/>',
    '<task id="Over" name="Relancer"/><sequenceFlow id="f4" sourceRef="Over" targetRef="E"/><endEvent id="E"/>',
)
CHOOSING = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Review"/>
<userTask id="Review" name="Examiner"><extensionElements><zeebe:userTask/><zeebe:formDefinition formId="review"/>
  </extensionElements></userTask>
<sequenceFlow id="f2" sourceRef="Review" targetRef="Fine"/>
<exclusiveGateway id="Fine" name="Bon ?" default="no"/>
<sequenceFlow id="yes" sourceRef="Fine" targetRef="Done">
  <conditionExpression xsi:type="tFormalExpression">={read}.fine</conditionExpression></sequenceFlow>
<sequenceFlow id="no" sourceRef="Fine" targetRef="Done"/><endEvent id="Done"/>
"""
LANES = """<laneSet id="lanes"><lane id="used" name="Voirie"><flowNodeRef>Review</flowNodeRef></lane>
<lane id="empty" name="Accueil"/></laneSet>"""


def found(body: str, rule: str) -> list[Finding]:
    return [each for each in lint.check(a_bundle(body), Town(), frozenset()) if each.rule == rule]


def test_a_timer_behind_which_nothing_is_done_is_told() -> None:
    (one,) = found(REMINDED, "timers-handled")

    assert (one.severity, one.element) == ("warning", "Late")
    assert found(REMINDING, "timers-handled") == []
    assert found(REMINDED.replace(' cancelActivity="false"', ""), "timers-handled") == [], "it ends the task"


def test_a_variable_that_nothing_writes_is_told_where_it_is_read() -> None:
    (one,) = found(CHOOSING.replace("{read}", "reveiw"), "variables-written")

    assert (one.severity, one.element, one.parameters["variable"]) == ("warning", "Fine", "reveiw")


@pytest.mark.parametrize("read", ["review", "answers", "case"])
def test_what_forms_and_every_case_bring_is_written(read: str) -> None:
    assert found(CHOOSING.replace("{read}", read), "variables-written") == []


def test_nothing_is_said_of_variables_where_a_connector_may_bring_any() -> None:
    work = '<serviceTask id="Work" name="Faire"><extensionElements><zeebe:taskDefinition type="x"/></extensionElements>'
    body = CHOOSING.replace("{read}", "anything").replace(
        '<endEvent id="Done"/>',
        f'{work}</serviceTask><sequenceFlow id="f9" sourceRef="Work" targetRef="Done"/><endEvent id="Done"/>',
    )
    body = body.replace('sourceRef="Review" targetRef="Fine"', 'sourceRef="Review" targetRef="Work"')

    assert found(body, "variables-written") == []


def test_a_lane_in_which_nothing_stands_is_told() -> None:
    (one,) = found(LANES + REMINDED, "lanes-used")

    assert (one.severity, one.element, one.parameters["name"]) == ("warning", "empty", "Accueil")


def test_a_task_without_name_and_a_loop_without_end_are_told() -> None:
    endless = REMINDED.replace('sourceRef="Review" targetRef="Done"', 'sourceRef="Review" targetRef="Review"')

    assert {each.element for each in found(endless, "end-reachable")} >= {"Done"}
    assert [each.element for each in found(REMINDED.replace(' name="Examiner"', ""), "names-given")] == ["Review"]
