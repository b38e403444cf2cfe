"""Gateways and the rules by which tokens part and meet."""

from engine.effects import JobQueued
from tests.engine.bpmn.diagrams import after, catch, diagram, end, gateway, job, mark, message, script, start, user


def test_an_exclusive_gateway_takes_the_first_true_flow(run):
    decided = run(
        diagram(
            [start(), gateway("exclusive", "G", default="G_C"), mark("A"), mark("B"), mark("C"), end()],
            "S > G",
            "G > A : =x > 1",
            "G > B : =x > 0",
            "G > C",
            "A > E",
            "B > E",
            "C > E",
        ),
        x=2,
    )

    assert decided.marks == ["A"]
    assert decided.ended is not None


def test_an_exclusive_gateway_falls_back_on_its_default_flow(run):
    decided = run(
        diagram(
            [start(), gateway("exclusive", "G", default="G_B"), mark("A"), mark("B")],
            "S > G",
            "G > A : =x > 1",
            "G > B",
        ),
        x=None,
    )

    assert decided.marks == ["B"]


def test_no_true_flow_is_an_incident_that_says_why_and_can_be_retried(run):
    stuck = run(
        diagram([start(), gateway("exclusive", "G"), mark("A")], "S > G", "G > A : =answers.size > 3"), answers={}
    )

    incident = stuck.incident("G")
    stuck.edit(answers={"size": 4}).resolve("G")

    assert incident.kind == "no_flow" and "answers.size > 3" in incident.message and incident.variables == ("answers",)
    assert stuck.marks == ["A"] and stuck.ended


def test_a_parallel_join_counts_one_token_per_flow(run):
    split = run(
        diagram(
            [start(), gateway("parallel", "P"), mark("A"), user("U"), gateway("parallel", "J"), mark("Z")],
            "S > P",
            "P > A > J",
            "P > U > J > Z",
        )
    )
    before = list(split.marks)

    split.answer("U")

    assert before == ["A"] and split.marks == ["A", "Z"] and split.ended


def test_branches_share_their_variables_and_lose_no_update(run):
    split = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                user("U"),
                script("A", "2", "x"),
                script("B", "append(l, 3)", "l"),
                script("C", "append(l, 4)", "l"),
                gateway("parallel", "J"),
                mark("Z"),
            ],
            "S > P",
            "P > A > J",
            "P > U > J",
            "P > B > C > J",
            "J > Z",
        ),
        x=1,
        l=[1],
    )

    split.answer("U")

    assert split.variables["x"] == 2 and split.variables["l"] == [1, 3, 4]


def test_a_deadlocked_join_is_not_an_end(run):
    stuck = run(
        diagram(
            [
                start(),
                gateway("exclusive", "G", default="G_B"),
                mark("A"),
                mark("B"),
                gateway("parallel", "J"),
                mark("Z"),
            ],
            "S > G",
            "G > A : =true",
            "G > B",
            "A > J",
            "B > J > Z",
        )
    )

    assert stuck.marks == ["A"] and stuck.ended is None


def test_an_inclusive_split_takes_every_true_flow_and_its_join_waits_for_them_only(run):
    split = run(
        diagram(
            [
                start(),
                gateway("inclusive", "O", default="O_C"),
                mark("A"),
                user("B"),
                mark("C"),
                gateway("inclusive", "J"),
                mark("Z"),
            ],
            "S > O",
            "O > A : =true",
            "O > B : =false",
            "O > C",
            "A > J",
            "B > J",
            "C > J > Z",
        )
    )

    assert split.marks == ["A", "Z"] and split.ended


def test_an_inclusive_join_waits_for_the_late_branch(run):
    split = run(
        diagram(
            [start(), gateway("inclusive", "O"), mark("A"), user("U"), mark("B"), gateway("inclusive", "J"), mark("Z")],
            "S > O",
            "O > A : =true",
            "O > U : =true",
            "A > J",
            "U > B > J > Z",
        )
    )
    before = list(split.marks)

    split.answer("U")

    assert before == ["A"] and split.marks == ["A", "B", "Z"]


def test_an_inclusive_join_works_in_a_loop(run):
    turned = run(
        diagram(
            [
                start(),
                gateway("exclusive", "M"),
                gateway("inclusive", "O"),
                script("A", "n + 1", "n"),
                mark("B"),
                gateway("inclusive", "J"),
                mark("Z"),
                gateway("exclusive", "G", default="G_E"),
                end(),
            ],
            "S > M > O",
            "O > A : =true",
            "O > B : =even(n)",
            "A > J",
            "B > J > Z > G",
            "G > M : =n < 3",
            "G > E",
        ),
        n=0,
    )

    assert turned.marks.count("Z") == 3 and turned.ended


def test_a_complex_gateway_goes_on_with_two_of_three_and_swallows_the_third(run):
    condition = "<bpmn:activationCondition>=activationCount >= 2</bpmn:activationCondition>"
    raced = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                mark("A"),
                mark("B"),
                user("U"),
                gateway("complex", "X", condition),
                mark("Z"),
            ],
            "S > P",
            "P > A > X",
            "P > B > X",
            "P > U > X > Z",
        )
    )
    before = list(raced.marks)

    raced.answer("U")

    assert before == ["A", "B", "Z"] and raced.marks == before and raced.ended


def test_an_event_gateway_takes_the_first_event_and_withdraws_the_others(run):
    raced = run(
        diagram(
            [
                start(),
                gateway("eventBased", "G"),
                catch("M", message()),
                catch("T", after("PT1H")),
                mark("A"),
                mark("B"),
            ],
            "S > G",
            "G > M > A",
            "G > T > B",
        )
    )

    raced.wait(hours=2)

    assert raced.marks == ["B"] and raced.ended and not raced.subscriptions


def test_an_event_gateway_with_two_timers_keeps_them_apart(run):
    raced = run(
        diagram(
            [
                start(),
                gateway("eventBased", "G"),
                catch("T1", after("PT1S")),
                catch("T2", after("PT1H")),
                mark("A"),
                mark("B"),
            ],
            "S > G",
            "G > T1 > A",
            "G > T2 > B",
        )
    )

    raced.wait(seconds=2)

    assert raced.marks == ["A"] and raced.ended


def test_conditional_flows_leave_a_task_like_an_inclusive_split(run):
    left = run(
        diagram(
            [start(), user("U"), mark("A"), mark("B"), mark("C")], "S > U", "U > A : =x > 1", "U > B", "U > C : =x > 9"
        ),
        x=2,
    )

    left.answer("U")

    assert left.marks == ["A", "B"]


def test_the_default_flow_leaves_a_task_when_no_condition_holds(run):
    left = run(
        diagram([start(), user("U", default="U_D"), mark("A"), mark("D")], "S > U", "U > A : =x > 9", "U > D"), x=2
    )

    left.answer("U")

    assert left.marks == ["D"]


def test_retrying_a_failed_flow_does_not_repeat_the_job(run):
    stuck = run(diagram([start(), job("J"), mark("A")], "S > J", "J > A : =ok"))

    stuck.finish("J", ok=False)
    stuck.edit(ok=True).resolve("J")

    assert stuck.marks == ["A"] and len(stuck.of(JobQueued)) == 1
