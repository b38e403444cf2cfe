"""Where two chapters of the standard meet: loops and errors, calls and interruption, signals and the instance that
sends them."""

from engine.effects import CaseChanged, ElementLeft, SignalBroadcast
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    diagram,
    each_of,
    element,
    end,
    error,
    event_sub,
    gateway,
    job,
    mark,
    message,
    one_process,
    signal,
    start,
    sub,
    terminate,
    throw,
    times,
    user,
)


def test_an_error_in_one_iteration_reaches_the_boundary_of_the_whole_activity(run):
    failed = run(
        diagram(
            [start(), job("J", times(3)), boundary("b", "J", error("E1")), mark("A"), mark("H")], "S > J > A", "b > H"
        )
    )

    failed.throw_error("J", "E1")

    assert failed.marks == ["H"] and not failed.jobs and failed.ended


def test_an_error_inside_a_repeated_sub_process_cancels_its_siblings(run):
    inner = [start("s"), user("U"), gateway("exclusive", "G", default="G_e"), end("x", error("E1")), end("e")]
    failed = run(
        diagram(
            [
                start(),
                sub("P", inner, "s > U > G", "G > x : =U.bad", "G > e", inner=times(2)),
                boundary("b", "P", error("E1")),
                mark("A"),
                mark("H"),
            ],
            "S > P > A",
            "b > H",
        )
    )

    failed.answer("U", bad=True)

    assert failed.marks == ["H"] and not failed.tasks and failed.ended


def test_interrupting_a_call_tells_that_its_child_must_end(run):
    called = run(
        diagram(
            [
                start(),
                element("callActivity", "C", each_of("=l", "i"), calledElement="elsewhere"),
                boundary("b", "C", after("PT1H")),
            ],
            "S > C",
        ),
        l=[1, 2],
    )
    children = set(called.children)

    called.wait(hours=1)

    terminated = {left.token for left in called.of(ElementLeft) if left.outcome == "terminated"}
    assert len(children) == 2 and children <= terminated and called.ended


def test_the_sender_of_a_signal_hears_it_once(run):
    heard = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), throw("T", signal()), user("U")], "s > T > U"),
                boundary("b", "P", signal(), interrupting=False),
                mark("H"),
            ],
            "S > P",
            "b > H",
        )
    )

    assert heard.marks == ["H"] and len(heard.of(SignalBroadcast)) == 1


def test_a_patch_of_the_case_inside_a_called_process_is_seen_outside(run):
    routed = run(
        diagram(
            [start(), element("callActivity", "C", calledElement="q"), user("U")],
            "S > C > U",
            more=one_process("q", [start("qs"), job("J")], "qs > J"),
        ),
        case={"department": "a"},
    )

    routed.finish("J", case={"department": "b"})

    assert routed.variables["case"] == {"department": "b"}
    assert routed.of(CaseChanged)[0].changes == {"department": "b"}


def test_a_called_process_has_its_own_event_sub_processes_and_its_own_termination(run):
    inner = [start("qs"), user("U"), event_sub("ES", [start("es", message()), end("et", terminate())], "es > et")]
    called = run(
        diagram(
            [start(), element("callActivity", "C", calledElement="q"), mark("A")],
            "S > C > A",
            more=one_process("q", inner, "qs > U"),
        )
    )

    called.message("m")

    assert called.marks == ["A"] and not called.tasks and called.ended


def test_an_interrupted_branch_is_no_longer_awaited_by_an_inclusive_join(run):
    joined = run(
        diagram(
            [
                start(),
                gateway("inclusive", "O"),
                mark("A"),
                user("U"),
                boundary("b", "U", after("PT1S")),
                mark("H"),
                gateway("inclusive", "J"),
                mark("Z"),
            ],
            "S > O",
            "O > A : =true",
            "O > U : =true",
            "U > J",
            "A > J > Z",
            "b > H",
        )
    )

    joined.wait(seconds=2)

    assert sorted(joined.marks) == ["A", "H", "Z"] and joined.ended
