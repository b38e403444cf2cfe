"""Who a task is for: department, candidates, applicant; until when; how urgent."""

from datetime import UTC, datetime

from tests.engine.bpmn.diagrams import diagram, start, sub, user
from tests.engine.bpmn.runs import Run

LANES = """<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Works"><bpmn:flowNodeRef>U</bpmn:flowNodeRef>
<bpmn:childLaneSet id="cs"><bpmn:lane id="l2" name="Team"><bpmn:extensionElements><zeebe:properties>
<zeebe:property name="parvis:department" value="=case.department"/></zeebe:properties></bpmn:extensionElements>
<bpmn:flowNodeRef>V</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"""


def departments(diagram_, lanes=None, **variables):
    run = Run(diagram_, lanes=lanes, **variables).start()
    return {task.element: task.department for task in run.tasks.values()}


def test_candidate_groups_answer_first_then_the_lane_then_the_procedure():
    zeebe = '<assignmentDefinition candidateGroups="roads, parks" candidateUsers="=[&quot;ann&quot;]" assignee="bob"/>'
    run = Run(diagram([LANES, user("U", zeebe=zeebe)])).start()

    assert run.task("U").department == "roads" and run.task("U").candidate_groups == ("roads", "parks")
    assert run.task("U").candidate_users == ("ann",) and run.task("U").assignee == "bob"
    assert departments(diagram([LANES, user("U"), user("W")]), {"Works": "works"}) == {"U": "works", "W": "reception"}


def test_the_routed_department_answers_in_a_lane_that_asks_for_it_else_the_lane_around():
    diagram_ = diagram([LANES, user("V")])

    assert departments(diagram_, {"Works": "works"}, case={"department": "roads"}) == {"V": "roads"}
    assert departments(diagram_, {"Works": "works"}, case={"department": None}) == {"V": "works"}


def test_a_task_in_a_sub_process_lies_in_the_lane_of_the_sub_process():
    diagram_ = diagram([LANES, sub("U", [user("X")])])

    assert departments(diagram_, {"Works": "works"}) == {"X": "works"}


def test_a_task_may_be_the_applicants():
    zeebe = '<properties><property name="parvis:audience" value="applicant"/></properties>'

    assert Run(diagram([user("U", zeebe=zeebe)])).start().task("U").audience == "applicant"


def test_due_and_follow_up_are_dates_durations_or_feel():
    def due(text):
        zeebe = f'<taskSchedule dueDate="{text}" followUpDate="P1D"/><priorityDefinition priority="=40 + 30"/>'
        task = Run(diagram([user("U", zeebe=zeebe)])).start().task("U")
        return task.due, task.follow_up, task.priority

    tomorrow = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert due("2026-12-01") == (datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC), tomorrow, 70)
    assert due("=duration(&quot;P1D&quot;)") == (tomorrow, tomorrow, 70)
    assert due("=now() + duration(&quot;P1D&quot;)") == (tomorrow, tomorrow, 70)
    assert due("=add working days(today(), 4)")[0] == datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)


def test_the_steps_the_citizen_sees_and_the_decision_are_told_when_the_element_is_entered():
    zeebe = (
        '<properties><property name="parvis:publicStep" value="Examen"/>'
        '<property name="parvis:decision" value="granted"/></properties>'
    )
    run = Run(diagram([start(), user("U", zeebe=zeebe)], "S > U")).start()

    entered = next(effect for effect in run.effects if getattr(effect, "public_step", None))

    assert (entered.element, entered.public_step, entered.decision) == ("U", "Examen", "granted")
