"""An administrator begins elements and ends tokens: what goes on, what is refused, and why."""

import pytest

from engine.commands import Activation, Modify
from engine.effects import ElementEntered, ElementLeft
from engine.errors import ModificationRefused
from tests.engine.bpmn.diagrams import (
    after,
    association,
    boundary,
    compensate,
    diagram,
    element,
    end,
    event_sub,
    gateway,
    job,
    loop,
    message,
    one_process,
    start,
    sub,
    times,
    user,
)
from tests.engine.bpmn.runs import Run

LINE = diagram([start(), user("A"), user("B"), end()], "S > A > B > E")
FORK = diagram(
    [start(), gateway("parallel", "Fork"), user("A"), user("B"), gateway("parallel", "Join"), user("C"), end()],
    "S > Fork > A > Join > C > E",
    "Fork > B > Join",
)
NESTED = diagram(
    [
        start(),
        user("A"),
        sub("Sub", [start("SS"), user("X"), user("Y"), end("SE")], "SS > X > Y > SE", inner=""),
        boundary("Late", "Sub", after("PT1H")),
        user("B"),
        end(),
    ],
    "S > A > Sub > B > E",
    "Late > B",
)
REPEATED = diagram(
    [start(), sub("Sub", [start("SS"), user("X"), end("SE")], "SS > X > SE", inner=times(3)), user("B"), end()],
    "S > Sub > B > E",
)


def token_at(run: Run, name: str) -> int:
    return next(token.number for token in run.state.tokens if token.node == name)


def tokens_at(run: Run, name: str) -> list[int]:
    return [token.number for token in run.state.tokens if token.node == name and not token.passive]


def change(run: Run, *activate: str, terminate: tuple[int, ...] = (), inside: int | None = None) -> Run:
    begun = tuple(Activation(element=name, inside=inside) for name in activate)
    return run.do(Modify(activate=begun, terminate=terminate))


def refusal(run: Run, *activate: str, terminate: tuple[int, ...] = (), inside: int | None = None) -> str:
    before = run.state
    with pytest.raises(ModificationRefused) as refused:
        change(run, *activate, terminate=terminate, inside=inside)
    assert run.state is before
    return str(refused.value)


def test_a_case_is_moved_from_one_task_to_another():
    run = Run(LINE, restored=True).start()

    change(run, "B", terminate=(token_at(run, "A"),))

    assert run.open_tasks == ["B"]
    assert [left.outcome for left in run.of(ElementLeft) if left.element == "A"] == ["terminated"]
    assert run.answer("B").ended is not None


def test_a_second_branch_is_begun_beside_the_first():
    run = Run(LINE, restored=True).start()

    change(run, "B")

    assert sorted(run.open_tasks) == ["A", "B"]
    assert run.answer("B").ended is None
    assert run.answer("A").answer("B").ended is not None


def test_variables_come_with_the_element_that_needs_them():
    mapping = '<ioMapping><input source="=x" target="y"/></ioMapping>'
    source = diagram([start(), user("A"), job("J", zeebe=mapping), end()], "S > A > J > E")
    run = Run(source).start()

    run.do(Modify(activate=(Activation(element="J", variables={"x": 7}),), terminate=(token_at(run, "A"),)))

    assert next(iter(run.jobs.values())).input == {"y": 7}


def test_the_container_of_an_element_is_begun_around_it():
    run = Run(NESTED, restored=True).start()

    change(run, "Y", terminate=(token_at(run, "A"),))

    assert run.open_tasks == ["Y"]
    assert len(run.timers) == 1, "the events attached to the container watch"
    assert [entered.element for entered in run.of(ElementEntered)][-2:] == ["Sub", "Y"]
    assert run.answer("Y").open_tasks == ["B"]


def test_an_element_begins_in_the_container_that_runs():
    run = Run(NESTED, restored=True).start().answer("A")

    change(run, "Y")

    assert sorted(run.open_tasks) == ["X", "Y"]
    assert len(tokens_at(run, "Sub")) == 1


def test_a_container_ends_with_the_last_token_that_is_ended_in_it():
    run = Run(NESTED, restored=True).start().answer("A")

    change(run, "B", terminate=(token_at(run, "X"),))

    assert run.open_tasks == ["B"]
    assert not run.timers
    assert [left.outcome for left in run.of(ElementLeft) if left.element == "Sub"] == ["terminated"]


def test_a_join_goes_on_without_the_branch_that_was_ended():
    run = Run(FORK, restored=True).start().answer("A")

    change(run, "Join", terminate=(token_at(run, "B"),))

    assert run.open_tasks == ["C"]
    assert run.answer("C").ended is not None


def test_ending_a_branch_a_join_waits_for_is_refused_when_nothing_else_runs():
    run = Run(FORK).start().answer("A")

    assert "Join" in refusal(run, terminate=(token_at(run, "B"),))


def test_an_iteration_that_is_ended_does_not_keep_the_others_from_ending():
    run = Run(REPEATED, restored=True).start()
    first, second, _ = sorted(tokens_at(run, "X"))

    change(run, terminate=(first, second))
    run.answer("X")

    assert run.open_tasks == ["B"]


def test_an_element_begins_in_the_iteration_that_is_named():
    run = Run(REPEATED, restored=True).start()
    hosts = sorted(tokens_at(run, "Sub"))

    said = refusal(run, "X")
    change(run, "X", inside=hosts[-1])

    assert all(str(host) in said for host in hosts[1:])
    assert len(run.tasks) == 4


def test_the_whole_of_a_repeated_activity_may_begin():
    run = Run(REPEATED, restored=True).start()
    whole = min(tokens_at(run, "Sub"))

    change(run, "Sub", terminate=(whole,))

    assert len(run.tasks) == 3
    run.answer("X").answer("X").answer("X")
    assert run.open_tasks == ["B"]


def test_an_element_of_a_repeated_container_that_does_not_run_is_refused():
    run = Run(REPEATED).start().answer("X").answer("X").answer("X")

    assert "repeated" in refusal(run, "X")


def test_a_turn_of_a_loop_is_not_ended_alone():
    source = diagram([start(), user("A", loop(loopMaximum=3)), end()], "S > A > E")
    run = Run(source).start()

    assert "loop" in refusal(run, terminate=(max(tokens_at(run, "A")),))


def test_the_next_activity_of_an_ad_hoc_subprocess_begins_when_one_is_ended():
    inside = element("adHocSubProcess", "Ad", user("X") + user("Y"), ordering="Sequential")
    run = Run(diagram([start(), inside, end()], "S > Ad > E"), restored=True).start()

    change(run, terminate=(token_at(run, "X"),))

    assert run.open_tasks == ["Y"]
    assert run.answer("Y").ended is not None


def test_an_incident_ends_with_its_token():
    source = diagram([start(), job("J"), user("B"), end()], "S > J > B > E")
    run = Run(source, restored=True).start()
    run.fail_job("J")

    change(run, "B", terminate=(token_at(run, "J"),))

    assert not run.incidents
    assert run.open_tasks == ["B"]


def test_a_non_interrupting_event_subprocess_may_be_entered_from_outside():
    inside = [start("ES", message(), isInterrupting=False), user("X"), end("EE")]
    source = diagram([start(), user("A"), event_sub("Ev", inside, "ES > X > EE"), end()], "S > A > E")
    run = Run(source, restored=True).start()

    change(run, "X")

    assert sorted(run.open_tasks) == ["A", "X"]
    assert run.answer("A").answer("X").ended is not None


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Nowhere", "has no element"),
        ("S_A", "has no element"),
        ("Late", "attached"),
        ("Undo", "undoes"),
        ("Ev", "begins by its event"),
        ("X", "bring that event about"),
        ("InCalled", "called process"),
    ],
)
def test_what_cannot_begin_is_refused_with_the_reason(name, word):
    source = diagram(
        [
            start(),
            user("A"),
            boundary("Late", "A", after("PT1H")),
            boundary("Comp", "A", compensate()),
            element("task", "Undo", isForCompensation=True),
            association("Comp", "Undo"),
            event_sub("Ev", [start("ES", message()), user("X"), end("EE")], "ES > X > EE"),
            end(),
        ],
        "S > A > E",
        "Late > E",
        more=one_process("q", [start("QS"), user("InCalled"), end("QE")], "QS > InCalled > QE"),
    )

    assert word in refusal(Run(source).start(), name)


def test_ending_all_that_runs_is_refused_for_that_is_cancelling():
    run = Run(LINE).start()

    assert "cancel it instead" in refusal(run, terminate=(token_at(run, "A"),))


def test_tokens_that_are_gone_or_only_watch_are_not_ended():
    run = Run(NESTED).start().answer("A")
    watcher = next(token.number for token in run.state.tokens if token.passive)

    assert "999" in refusal(run, terminate=(999,))
    assert "watches" in refusal(run, "B", terminate=(watcher,))


def test_an_unknown_place_to_begin_in_is_refused():
    run = Run(NESTED).start()

    assert "999" in refusal(run, "X", inside=999)


def test_the_counters_of_a_stored_instance_remember_an_item_that_was_ended():
    counted = "=nrOfTerminatedInstances = 1 and nrOfActiveInstances = 1"
    run = Run(diagram([start(), user("X", times(3, until=counted)), user("B"), end()], "S > X > B > E"), restored=True)
    run.start()
    run.do(Modify(terminate=(tokens_at(run, "X")[-1],)))

    run.answer("X")

    assert run.open_tasks == ["B"]
