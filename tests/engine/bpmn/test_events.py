"""Events: message, timer, signal, error, escalation, link, condition, terminate; caught, thrown and at boundaries."""

from engine.effects import EscalationUncaught, MessagePublished, SignalBroadcast, TaskWithdrawn
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    catch,
    condition,
    diagram,
    element,
    end,
    error,
    escalation,
    event_sub,
    every,
    gateway,
    job,
    link,
    mark,
    message,
    script,
    signal,
    start,
    sub,
    terminate,
    throw,
    user,
)


def test_a_message_reaches_the_subscriber_with_its_key_and_brings_variables(run):
    waiting = run(diagram([start(), catch("C", message("keyed")), mark("A")], "S > C > A"), key="7")
    opened = next(iter(waiting.subscriptions.values()))

    waiting.message("keyed", "7", paid=True)

    assert (opened.name, opened.key, opened.element) == ("keyed", "7", "C")
    assert waiting.variables["paid"] is True and waiting.marks == ["A"] and waiting.ended


def test_a_null_correlation_key_is_an_incident(run):
    stuck = run(diagram([start(), catch("C", message("keyed")), mark("A")], "S > C > A"))

    assert stuck.incident("C").kind == "expression"


def test_a_receive_task_waits_for_its_message(run):
    waiting = run(diagram([start(), element("receiveTask", "R", messageRef="message_m"), mark("A")], "S > R > A"))

    waiting.message("m")

    assert waiting.marks == ["A"] and waiting.ended


def test_a_message_thrown_here_is_taken_here_else_goes_out(run):
    sent = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                catch("C", message()),
                mark("A"),
                throw("T", message()),
                throw("T2", message("m2")),
            ],
            "S > P",
            "P > T > T2",
            "P > C > A",
        )
    )

    assert sent.marks == ["A"] and sent.ended
    assert [each.name for each in sent.of(MessagePublished)] == ["m2"]


def test_a_signal_reaches_every_subscriber_and_goes_out(run):
    sent = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                catch("C", signal()),
                mark("A"),
                catch("D", signal()),
                mark("B"),
                end("E", signal()),
            ],
            "S > P",
            "P > C > A",
            "P > D > B",
            "P > E",
        )
    )

    assert sorted(sent.marks) == ["A", "B"] and sent.ended
    assert [each.name for each in sent.of(SignalBroadcast)] == ["s"]


def test_links_are_flows_drawn_apart(run):
    linked = run(
        diagram(
            [start(), mark("A"), throw("T", link("k")), catch("C", link("k")), mark("B"), end()],
            "S > A > T",
            "C > B > E",
        )
    )

    assert linked.marks == ["A", "B"] and linked.ended


def test_terminate_stops_the_other_branches_at_once(run):
    stopped = run(
        diagram(
            [start(), gateway("parallel", "P"), user("U"), end("T", terminate()), mark("A")],
            "S > P",
            "P > U",
            "P > T",
            "P > A",
        )
    )

    assert stopped.marks == [] and stopped.ended and stopped.of(TaskWithdrawn)


def test_terminate_in_a_sub_process_ends_that_one_only(run):
    stopped = run(
        diagram(
            [
                start(),
                sub(
                    "P", [start("s"), gateway("parallel", "G"), user("U"), end("t", terminate())], "s > G > U", "G > t"
                ),
                mark("A"),
            ],
            "S > P > A",
        )
    )

    assert stopped.marks == ["A"] and stopped.ended


def test_an_interrupting_boundary_timer_withdraws_the_task(run):
    late = run(
        diagram([start(), user("U"), boundary("b", "U", after("P3D")), mark("A"), mark("H")], "S > U > A", "b > H")
    )

    late.wait(days=3)

    assert late.marks == ["H"] and late.of(TaskWithdrawn) and late.ended


def test_a_boundary_timer_that_is_not_needed_is_cleared(run):
    quick = run(
        diagram([start(), user("U"), boundary("b", "U", after("P3D")), mark("A"), mark("H")], "S > U > A", "b > H")
    )

    quick.answer("U")

    assert quick.marks == ["A"] and not quick.timers and quick.ended


def test_a_non_interrupting_boundary_cycle_reminds_as_often_as_it_says(run):
    reminded = run(
        diagram(
            [start(), user("U"), boundary("b", "U", every("R3/PT1H"), interrupting=False), mark("A"), mark("H")],
            "S > U > A",
            "b > H",
        )
    )

    reminded.wait(hours=10).answer("U")

    assert reminded.marks == ["H", "H", "H", "A"] and reminded.ended


def test_a_non_interrupting_boundary_message_may_come_again(run):
    called = run(
        diagram(
            [start(), user("U"), boundary("b", "U", message(), interrupting=False), mark("A"), mark("H")],
            "S > U > A",
            "b > H",
        )
    )

    called.message("m").message("m").answer("U")

    assert called.marks == ["H", "H", "A"]


def test_a_boundary_message_interrupts_a_sub_process_with_everything_in_it(run):
    called = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), user("U"), mark("X")], "s > U > X"),
                boundary("b", "P", message()),
                mark("H"),
                mark("N"),
            ],
            "S > P > N",
            "b > H",
        )
    )

    called.message("m")

    assert called.marks == ["H"] and called.of(TaskWithdrawn) and called.ended


def test_a_thrown_job_error_goes_to_the_boundary_event_of_its_code(run):
    paid = run(
        diagram(
            [
                start(),
                job("J"),
                boundary("b1", "J", error("E1")),
                boundary("b", "J", error()),
                mark("A"),
                mark("H1"),
                mark("H"),
            ],
            "S > J > A",
            "b1 > H1",
            "b > H",
        )
    )

    paid.throw_error("J", "E1", reason="card")

    assert paid.marks == ["H1"] and paid.variables["reason"] == "card" and paid.ended


def test_an_error_end_event_leaves_the_sub_process_and_never_reaches_a_sibling(run):
    failed = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                sub("A", [start("s"), end("x", error("E1"))], "s > x"),
                sub("B", [start("s2"), user("U")], "s2 > U"),
                boundary("a", "A", error("E1")),
                boundary("b", "B", error("E1")),
                mark("HA"),
                mark("HB"),
            ],
            "S > P",
            "P > B",
            "P > A",
            "a > HA",
            "b > HB",
        )
    )

    assert failed.marks == ["HA"] and failed.open_tasks == ["U"]


def test_an_uncaught_error_is_an_incident_on_the_throwing_element(run):
    failed = run(diagram([start(), sub("A", [start("s"), end("x", error("E1"))], "s > x")], "S > A"))

    assert failed.incident("x").kind == "error" and failed.ended is None


def test_an_escalation_may_interrupt_or_not_and_goes_on_when_nobody_listens(run):
    def escalated(interrupting: bool):
        inner = [start("s"), throw("t", escalation("X1")), mark("N")]
        return run(
            diagram(
                [
                    start(),
                    sub("A", inner, "s > t > N"),
                    boundary("b", "A", escalation("X1"), interrupting=interrupting),
                    mark("H"),
                    mark("Z"),
                ],
                "S > A > Z",
                "b > H",
            )
        )

    alone = run(diagram([start(), throw("t", escalation("X1")), mark("N")], "S > t > N"))

    assert escalated(interrupting=True).marks == ["H"]
    assert sorted(escalated(interrupting=False).marks) == ["H", "N", "Z"]
    assert alone.marks == ["N"] and alone.of(EscalationUncaught)[0].code == "X1"


def test_a_condition_fires_when_it_becomes_true(run):
    watched = run(
        diagram(
            [
                start(),
                gateway("parallel", "P"),
                catch("C", condition("=k = 5")),
                mark("A"),
                user("U"),
                script("B", "5", "k"),
                mark("Z"),
            ],
            "S > P",
            "P > C > A",
            "P > U > B > Z",
        ),
        k=0,
    )
    before = list(watched.marks)

    watched.answer("U")

    assert before == [] and sorted(watched.marks) == ["A", "Z"] and watched.ended


def test_an_event_sub_process_interrupts_its_scope(run):
    interrupted = run(
        diagram(
            [start(), user("U"), mark("N"), event_sub("ES", [start("es", message()), mark("H")], "es > H")], "S > U > N"
        )
    )

    interrupted.message("m", why="moved away")

    assert interrupted.marks == ["H"] and interrupted.of(TaskWithdrawn) and interrupted.variables["why"] == "moved away"
    assert interrupted.ended


def test_a_non_interrupting_event_sub_process_runs_beside_as_often_as_its_event_comes(run):
    beside = run(
        diagram(
            [
                start(),
                user("U"),
                mark("N"),
                event_sub("ES", [start("es", message(), isInterrupting=False), mark("H")], "es > H"),
            ],
            "S > U > N",
        )
    )

    beside.message("m").message("m").answer("U")

    assert beside.marks == ["H", "H", "N"] and beside.ended


def test_an_event_sub_process_that_never_fires_does_not_keep_the_instance_open(run):
    done = run(
        diagram([start(), mark("N"), event_sub("ES", [start("es", after("PT1H")), mark("H")], "es > H")], "S > N")
    )

    assert done.marks == ["N"] and done.ended and not done.timers


def test_a_nested_event_sub_process_interrupts_only_its_sub_process(run):
    inner = [start("s"), user("U"), event_sub("ES", [start("es", after("PT5S")), mark("H")], "es > H")]
    nested = run(diagram([start(), sub("P", inner, "s > U"), mark("Z")], "S > P > Z"))

    nested.wait(seconds=6)

    assert nested.marks == ["H", "Z"] and nested.ended


def test_an_error_event_sub_process_catches_for_its_scope(run):
    caught = run(
        diagram(
            [start(), job("J"), mark("N"), event_sub("ES", [start("es", error("E1")), mark("H")], "es > H")],
            "S > J > N",
        )
    )

    caught.throw_error("J", "E1")

    assert caught.marks == ["H"] and caught.ended


def test_an_event_sub_process_whose_condition_holds_from_the_start_interrupts_first(run):
    first = run(
        diagram(
            [start(), mark("N"), event_sub("ES", [start("es", condition("=k > 3")), mark("H")], "es > H")], "S > N"
        ),
        k=5,
    )

    assert first.marks == ["H"] and first.ended


def test_multiple_events_fire_on_the_first_and_parallel_multiple_on_all(run):
    either = run(diagram([start(), user("U"), boundary("b", "U", message() + signal()), mark("H")], "S > U", "b > H"))
    both = run(
        diagram(
            [start(), user("U"), boundary("b", "U", message() + signal(), parallelMultiple=True), mark("H")],
            "S > U",
            "b > H",
        )
    )

    either.signal("s")
    both.signal("s").signal("s")
    before = list(both.marks)
    both.message("m")

    assert either.marks == ["H"] and before == [] and both.marks == ["H"] and both.ended


def test_a_process_may_start_at_its_message_start_event(run):
    diagram_ = diagram([start(), mark("A"), start("M", message()), mark("B")], "S > A", "M > B")

    assert run(diagram_).marks == ["A"]
    assert run(diagram_, at="M").marks == ["B"]
