"""A running instance goes on with another version of its definition: what is carried, what begins, what keeps it from
moving.
"""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import definition
from engine.effects import ElementEntered, ElementLeft
from engine.errors import PlanInvalid
from engine.migration import Moved, Mover, plan_with
from tests.engine.bpmn.diagrams import (
    after,
    association,
    boundary,
    catch,
    compensate,
    condition,
    diagram,
    each_of,
    element,
    end,
    event_sub,
    gateway,
    job,
    message,
    one_process,
    signal,
    start,
    sub,
    throw,
    times,
    user,
)
from tests.engine.bpmn.random_diagrams import written
from tests.engine.bpmn.runs import Run, bundle, settled
from tests.engine.bpmn.test_random_processes import BLOCKS

Said = dict[str, str | None]


def migrate(run: Run, source: bytes, said: Said | None = None) -> Run:
    """The run goes on with the process of `source`; its rows follow as `engine.apply` makes them follow."""
    new = definition.build(bundle(source))
    moved = Mover(run.definition, new, plan_with(run.definition, new, said or {})).move(run.state, run.now)
    assert isinstance(moved, Moved), [obstacle.sentence for obstacle in moved]
    run.definition = new
    for rows in (run.tasks, run.jobs, run.incidents):
        for token, row in rows.items():
            rows[token] = msgspec.structs.replace(row, element=moved.elements[token])
    run._keep(moved.state, moved.effects)
    return run


def obstacles(run: Run, source: bytes, said: Said | None = None) -> list[str]:
    """Why the run stays."""
    new = definition.build(bundle(source))
    stayed = Mover(run.definition, new, plan_with(run.definition, new, said or {})).move(run.state, run.now)
    assert isinstance(stayed, tuple)
    return [obstacle.sentence for obstacle in stayed]


ONE = diagram([start(), user("A"), end()], "S > A > E")


def test_a_case_goes_on_as_the_new_version_says():
    run = Run(ONE, restored=True).start()

    migrate(run, diagram([start(), user("A"), user("B"), end()], "S > A > B > E"))

    assert run.open_tasks == ["A"]
    assert run.answer("A").open_tasks == ["B"]
    assert run.answer("B").ended is not None


def test_an_element_that_is_called_otherwise_now_is_named_by_the_plan():
    run = Run(ONE, restored=True).start()

    migrate(run, diagram([start(), user("Examine"), end()], "S > Examine > E"), {"A": "Examine"})

    passages = [(type(each), each.element) for each in run.effects[-2:]]
    assert passages == [(ElementLeft, "A"), (ElementEntered, "Examine")]
    assert run.answer("Examine").ended is not None


def test_a_task_is_neither_opened_again_nor_withdrawn():
    run = Run(ONE).start()
    before = len(run.effects)

    migrate(run, diagram([start(), user("A"), user("B"), end()], "S > A > B > E"))

    assert len(run.effects) == before


def test_a_timer_keeps_its_due_time_whatever_the_new_version_says():
    def late(duration: str) -> bytes:
        return diagram([start(), user("A"), boundary("Late", "A", after(duration)), end()], "S > A > E", "Late > E")

    run = Run(late("P5D")).start()
    due = next(iter(run.timers.values())).due
    run.wait(days=1)

    migrate(run, late("P9D"))

    assert [timer.due for timer in run.timers.values()] == [due]
    assert run.wait(days=4).ended is not None


def test_an_event_that_is_new_begins_to_watch_and_one_that_is_gone_stops():
    run = Run(diagram([start(), user("A"), boundary("Old", "A", after("P5D")), end()], "S > A > E", "Old > E")).start()
    run.wait(days=1)

    migrate(
        run,
        diagram([start(), user("A"), boundary("New", "A", message()), user("B"), end()], "S > A > E", "New > B > E"),
    )

    assert not run.timers
    assert run.message("m").open_tasks == ["B"]


def test_a_new_event_subprocess_watches_a_case_that_runs_already():
    run = Run(ONE, restored=True).start()

    migrate(
        run,
        diagram(
            [start(), user("A"), event_sub("Ev", [start("ES", message()), user("X"), end("EE")], "ES > X > EE"), end()],
            "S > A > E",
        ),
    )

    assert run.message("m").open_tasks == ["X"]


def test_a_message_is_awaited_by_its_new_name_and_its_old_key():
    run = Run(diagram([start(), catch("C", message("keyed")), end()], "S > C > E"), key="7").start()

    migrate(run, diagram([start(), catch("C", message("m")), end()], "S > C > E"))

    assert run.message("m", "7").ended is not None


def test_what_waits_inside_a_subprocess_goes_on_inside_its_counterpart():
    inner = [start("SS"), user("X"), end("SE")]
    run = Run(diagram([start(), sub("Sub", inner, "SS > X > SE"), end()], "S > Sub > E"), restored=True).start()

    longer = sub("Part", [start("SS"), user("X"), user("Y"), end("SE")], "SS > X > Y > SE")
    migrate(run, diagram([start(), longer, user("B"), end()], "S > Part > B > E"), {"Sub": "Part"})

    assert run.answer("X").open_tasks == ["Y"]
    assert run.answer("Y").open_tasks == ["B"]


def test_a_join_remembers_the_branches_that_have_arrived():
    def fork(*more: str) -> bytes:
        parallel = [gateway("parallel", "Fork"), gateway("parallel", "Join")]
        return diagram([start(), *parallel, user("A"), user("B"), *more, end()], *flows)

    flows = ["S > Fork > A > Join > E", "Fork > B > Join"]
    run = Run(fork(), restored=True).start().answer("A")

    flows = ["S > Fork > A > Join > C > E", "Fork > B > Join"]
    migrate(run, fork(user("C")))

    assert run.answer("B").open_tasks == ["C"]


def test_a_join_without_the_flow_a_branch_came_by_keeps_the_case():
    parallel = [gateway("parallel", "Fork"), gateway("parallel", "Join")]
    run = Run(
        diagram([start(), *parallel, user("A"), user("B"), end()], "S > Fork > A > Join > E", "Fork > B > Join")
    ).start()
    run.answer("A")

    elements = [start(), *parallel, user("A"), user("B"), end("E2"), end()]
    other = diagram(elements, "S > Fork > A > E2", "Fork > B > Join > E")

    assert ["A_Join" in said for said in obstacles(run, other)] == [True]


def repeated(loop: str, *after: str) -> bytes:
    inner = sub("Sub", [start("SS"), user("X"), end("SE")], "SS > X > SE", inner=loop)
    return diagram([start(), inner, *(user(name) for name in after), end()], " > ".join(["S", "Sub", *after, "E"]))


def test_iterations_go_on_with_what_they_have_gathered():
    gathered = each_of("=items", "item", results="results", result="=item * 10")
    run = Run(repeated(gathered), restored=True, items=[1, 2]).start().answer("X")

    migrate(run, repeated(gathered, "B"))

    assert run.answer("X").open_tasks == ["B"]
    assert run.variables["results"] == [10, 20]


def test_a_collection_that_is_new_gathers_from_now_on():
    run = Run(repeated(each_of("=items", "item")), items=[1, 2]).start().answer("X")

    migrate(run, repeated(each_of("=items", "item", results="results", result="=item * 10")))

    assert run.answer("X").variables["results"] == [None, 20]


def test_what_could_be_undone_can_still_be_undone():
    def booking(*more: str, flow: str) -> bytes:
        undo = element("serviceTask", "Undo", zeebe='<taskDefinition type="undo"/>', isForCompensation=True)
        undone = [boundary("Comp", "Book", compensate()), undo, association("Comp", "Undo")]
        return diagram([start(), job("Book"), *undone, user("A"), *more, throw("Back", compensate()), end()], flow)

    run = Run(booking(flow="S > Book > A > Back > E"), restored=True).start().finish("Book")

    migrate(run, booking(user("B"), flow="S > Book > A > B > Back > E"))

    assert [queued.element for queued in run.answer("A").answer("B").jobs.values()] == ["Undo"]


def test_a_broken_definition_is_cured_by_migrating_then_retrying():
    def paid(condition: str) -> bytes:
        elements = [start(), gateway("exclusive", "Paid"), user("A"), end()]
        return diagram(elements, "S > Paid", f"Paid > A : ={condition}", "A > E")

    run = Run(paid("payed = true"), restored=True, paid=True).start()
    assert list(run.incidents)

    migrate(run, paid("paid = true"))

    assert [incident.element for incident in run.incidents.values()] == ["Paid"]
    assert run.resolve("Paid").open_tasks == ["A"]


def test_a_blocked_element_may_become_another_kind_of_element():
    run = Run(diagram([start(), job("Check"), end()], "S > Check > E"), restored=True).start().fail_job("Check")

    migrate(run, diagram([start(), user("Check"), end()], "S > Check > E"), {"Check": "Check"})

    assert run.resolve("Check").open_tasks == ["Check"]


def test_a_condition_that_already_holds_in_the_new_version_fires():
    run = Run(ONE, paid=True).start()

    elements = [start(), user("A"), boundary("C", "A", condition("=paid")), user("B"), end()]
    migrate(run, diagram(elements, "S > A > E", "C > B > E"))

    assert run.open_tasks == ["B"]


def test_a_called_process_of_the_bundle_moves_with_its_caller():
    def calling(*more: str, flow: str) -> bytes:
        called = one_process("q", [start("QS"), user("X"), *more, end("QE")], flow)
        call = element("callActivity", "Call", zeebe='<calledElement processId="q"/>')
        return diagram([start(), call, user("B"), end()], "S > Call > B > E", more=called)

    run = Run(calling(flow="QS > X > QE"), restored=True).start()

    migrate(run, calling(user("Y"), flow="QS > X > Y > QE"))

    assert run.answer("X").answer("Y").open_tasks == ["B"]


@pytest.mark.parametrize(
    ("source", "said", "word"),
    [
        (diagram([start(), user("B"), end()], "S > B > E"), {}, "no counterpart"),
        (diagram([start(), job("A"), end()], "S > A > E"), {"A": "A"}, "serviceTask"),
        (diagram([start(), user("A", times(2)), end()], "S > A > E"), {}, "repeated"),
        (
            diagram([start(), sub("Sub", [start("SS"), user("A"), end("SE")], "SS > A > SE"), end()], "S > Sub > E"),
            {},
            "lies in “Sub”",
        ),
        (
            diagram([start(), user("A"), boundary("L", "A", after("=nonsense")), end()], "S > A > E", "L > E"),
            {},
            "cannot begin",
        ),
    ],
)
def test_a_case_that_cannot_move_says_why(source, said, word):
    run = Run(ONE).start()
    before = run.state.dump()

    assert any(word in each for each in obstacles(run, source, said))
    assert run.state.dump() == before


def test_an_event_that_waits_for_something_else_keeps_the_case():
    run = Run(diagram([start(), catch("C", message()), end()], "S > C > E")).start()

    [said] = obstacles(run, diagram([start(), catch("C", signal()), end()], "S > C > E"))

    assert "message" in said
    assert "signal" in said


def test_all_obstacles_are_told_together():
    run = Run(
        diagram([start(), gateway("parallel", "F"), user("A"), user("B"), end()], "S > F > A > E", "F > B > E")
    ).start()

    assert len(obstacles(run, diagram([start(), user("C"), end()], "S > C > E"))) == 2


def test_an_instance_that_has_ended_stays():
    run = Run(ONE).start().answer("A")

    assert obstacles(run, ONE) == ["It has ended."]


@pytest.mark.parametrize("said", [{"Nowhere": "A"}, {"A": "Nowhere"}])
def test_a_plan_that_names_what_is_not_there_is_refused(said):
    old, new = definition.build(bundle(ONE)), definition.build(bundle(ONE))

    with pytest.raises(PlanInvalid) as refused:
        plan_with(old, new, said)

    assert "Nowhere" in str(refused.value)


@given(BLOCKS, st.integers(0, 1000), st.integers(0, 6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_moving_to_an_identical_definition_changes_nothing(block, seed, steps):
    source = written(block)
    stayed, gone = Run(source, n=0).start(), Run(source, n=0).start()

    for number in range(200):
        if number == steps and gone.ended is None:
            before = gone.state
            migrate(gone, source)
            assert settled(gone.state) == settled(before)
        if stayed.ended is not None:
            break
        _step(stayed, seed + number)
        _step(gone, seed + number)

    assert gone.effects == stayed.effects
    assert settled(gone.state) == settled(stayed.state)


def _step(run: Run, chance: int) -> None:
    """One thing that waits happens; which one depends on `chance` only."""
    waiting = [(run.answer, task.element) for task in run.tasks.values()]
    waiting += [(run.finish, queued.element) for queued in run.jobs.values()]
    if run.timers and (chance % 4 == 0 or not waiting):
        run.now += timedelta(hours=1)
        run.wait(seconds=1)
    elif waiting:
        act, name = waiting[chance % len(waiting)]
        act(name)
