"""Incidents: what fails leaves the instance as it was, the other branches go on, and a retry repeats only what
failed."""

import pytest

from engine.bpmn.errors import NotWaiting
from engine.commands import CompleteJob, FireTimer
from engine.effects import JobQueued
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    diagram,
    each_of,
    element,
    end,
    error,
    gateway,
    job,
    mark,
    script,
    start,
    user,
)


def test_a_failed_branch_waits_while_the_others_go_on(run):
    split = run(
        diagram(
            [start(), gateway("parallel", "P"), user("U", each_of("=l", "i")), mark("A")],
            "S > P",
            "P > U",
            "P > A",
        ),
        l=3,
    )

    assert split.marks == ["A"] and next(iter(split.incidents.values())).element == "U" and not split.tasks


def test_a_job_that_failed_for_good_is_queued_again_when_resolved(run):
    stuck = run(diagram([start(), job("J"), mark("A")], "S > J > A"))

    stuck.fail_job("J")
    incident = stuck.incident("J")
    stuck.resolve("J").finish("J")

    assert incident.kind == "job" and len(stuck.of(JobQueued)) == 2 and stuck.marks == ["A"] and stuck.ended


def test_an_endless_automatic_loop_becomes_an_incident(run):
    turning = run(diagram([start(), gateway("exclusive", "G"), script("A", "n + 1", "n")], "S > G > A > G"), n=0)

    incident = next(iter(turning.incidents.values()))

    assert incident.kind == "fuse" and turning.ended is None and turning.variables["n"] > 1000


def test_an_incident_that_is_interrupted_is_closed(run):
    stuck = run(
        diagram(
            [start(), job("J"), boundary("b", "J", after("PT1H")), mark("A"), mark("H")],
            "S > J > A",
            "b > H",
        )
    )

    stuck.fail_job("J").wait(hours=1)

    assert stuck.marks == ["H"] and not stuck.incidents and stuck.ended


def test_a_script_of_python_runs_in_the_sandbox_and_its_errors_are_incidents(run):
    def python(source):
        return diagram(
            [start(), element("scriptTask", "P", f"<bpmn:script>{source}</bpmn:script>", scriptFormat="python"), end()],
            "S > P > E",
        )

    done = run(python("total = sum(prices)"), prices=[1, 2])
    failed = run(python("total = 1 / zero"), zero=0)

    assert done.variables["total"] == 3 and done.ended
    assert failed.incident("P").kind == "script"


def test_an_unhandled_job_error_is_an_incident_and_may_be_tried_again(run):
    stuck = run(diagram([start(), job("J"), mark("A")], "S > J > A"))

    stuck.throw_error("J", "E9").resolve("J").finish("J")

    assert stuck.marks == ["A"]


def test_an_uncaught_error_ends_a_called_instance_with_its_code():
    from engine import definition, instance
    from engine.commands import Start
    from tests.engine.bpmn.runs import TUESDAY, bundle

    built = definition.build(bundle(diagram([start(), end("E", error("E1"))], "S > E")))

    _, effects = instance.start(built, Start(variables={}, called=True), TUESDAY)

    assert effects[-1].error == "E1"


def test_a_command_for_a_token_that_does_not_wait_is_refused(run):
    done = run(diagram([start(), job("J"), user("U")], "S > J > U"))
    token = next(iter(done.jobs))
    done.finish("J")

    with pytest.raises(NotWaiting):
        done.do(CompleteJob(token=token))
    with pytest.raises(NotWaiting):
        done.do(FireTimer(token=token))


def test_cancelling_ends_everything_at_once(run):
    cancelled = run(diagram([start(), user("U"), boundary("b", "U", after("PT1H")), mark("A")], "S > U > A"))

    cancelled.cancel()

    assert cancelled.ended.outcome == "cancelled" and not cancelled.tasks and not cancelled.timers
    assert cancelled.marks == []


@pytest.mark.parametrize("interrupting", [True, False])
def test_what_watches_a_receive_task_is_armed_once_however_often_it_is_retried(run, interrupting):
    waiting = run(
        diagram(
            [
                start(),
                element("receiveTask", "R", messageRef="message_keyed"),
                boundary("B", "R", after("PT1H"), interrupting=interrupting),
                mark("Late"),
                end(),
            ],
            "S > R > E",
            "B > Late",
        )
    )
    first = [(each.due, each.element) for each in waiting.timers.values()]

    waiting.wait(minutes=10).resolve("R").edit(key="k").resolve("R")

    assert [(each.due, each.element) for each in waiting.timers.values()] == first != []
    assert [each.key for each in waiting.subscriptions.values()] == ["k"]
    waiting.wait(hours=2)
    assert waiting.marks == ["Late"]


def test_what_has_happened_at_a_blocked_receive_task_does_not_happen_again_when_it_is_retried(run):
    waiting = run(
        diagram(
            [
                start(),
                element("receiveTask", "R", messageRef="message_keyed"),
                boundary("B", "R", after("PT1H"), interrupting=False),
                mark("Late"),
                end(),
            ],
            "S > R > E",
            "B > Late",
        )
    )

    waiting.wait(hours=2).edit(key="k").resolve("R").wait(hours=2).message("keyed", "k")

    assert waiting.marks == ["Late"] and waiting.ended


def test_a_variable_that_is_missing_is_null_and_the_incident_names_it_until_it_is_there(run):
    flows = ["S > G", "G > A : =amount > 10", "A > E"]
    stuck = run(diagram([start(), gateway("exclusive", "G"), mark("A"), end()], *flows))

    incident = stuck.incident("G")
    stuck.edit(amount=20).resolve("G")

    assert "named “amount”" in incident.message and incident.variables == ("amount",)
    assert stuck.marks == ["A"] and stuck.ended


def test_an_expression_that_needs_too_much_is_an_incident_and_is_tried_again(run):
    stuck = run(
        diagram([start(), script("A", "count(for i in 1..n return i)", "c"), end()], "S > A > E"), n=100_000_000
    )

    incident = stuck.incident("A")
    stuck.edit(n=3).resolve("A")

    assert incident.kind == "expression" and "cannot be evaluated" in incident.message
    assert stuck.variables["c"] == 3 and stuck.ended
