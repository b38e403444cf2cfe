"""Large multi-instance activities: iterations rest in their stored form until something concerns them."""

from engine.commands import CompleteTask
from engine.effects import ElementLeft, TaskWithdrawn
from engine.snapshot import FORMAT, FORMAT_PARKED
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    catch,
    diagram,
    each_of,
    end,
    mark,
    message,
    start,
    sub,
    throw,
    times,
    user,
)
from tests.engine.bpmn.runs import Run

MANY = 200


def many(inner: str = "", **loop: object) -> bytes:
    repeated = user("U", each_of("=l", "i", **loop), form="u")
    return diagram([start(), repeated, inner, mark("Z"), end()], "S > U > Z > E")


def answer(run: Run, task: int, **answers: object) -> None:
    del run.tasks[task]
    run.do(CompleteTask(token=task, answers=answers))


def test_an_answer_changes_one_group_and_leaves_the_others_as_they_are_stored(run):
    started = run(many(), l=list(range(MANY)))
    before = started.state.parked

    started.answer("U")

    after = started.state.parked
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True, True]
    assert sum(group.count for group in after) == MANY - 1
    assert started.state.format == FORMAT_PARKED


def test_a_few_iterations_stay_among_the_tokens(run):
    started = run(many(), l=[1, 2, 3])

    assert started.state.parked == () and started.state.format == FORMAT
    assert len(started.state.tokens) == 4


def test_every_item_is_answered_once_and_the_results_keep_the_order_of_the_items(run):
    started = run(many(results="r", result="=u.text"), l=list(range(MANY)))

    for number, task in enumerate(sorted(started.tasks, reverse=True)):
        answer(started, task, text=f"answer {MANY - 1 - number}")

    assert started.marks == ["Z"] and started.ended
    assert started.variables["r"] == [f"answer {number}" for number in range(MANY)]


def test_what_interrupts_the_activity_withdraws_every_iteration(run):
    started = run(
        diagram(
            [start(), user("U", times(MANY)), boundary("B", "U", after("PT1H")), mark("Z"), end()],
            "S > U > E",
            "B > Z",
        )
    )

    started.wait(hours=1)

    withdrawn = [effect.token for effect in started.effects if isinstance(effect, TaskWithdrawn)]
    assert len(withdrawn) == MANY and withdrawn == sorted(withdrawn)
    assert started.marks == ["Z"] and started.state.parked == () and started.state.whole().tokens == ()


def test_a_completion_condition_ends_the_parked_iterations(run):
    until = "=nrOfCompletedInstances = 3"
    started = run(diagram([start(), user("U", times(MANY, until=until)), mark("Z"), end()], "S > U > Z > E"))

    for _ in range(3):
        started.answer("U")

    assert started.marks == ["Z"] and started.ended
    assert len([effect for effect in started.effects if isinstance(effect, TaskWithdrawn)]) == MANY - 3


def test_a_message_thrown_inside_reaches_a_parked_iteration(run):
    waits = [start("T"), catch("C", message("keyed")), user("V"), end("F")]
    repeated = sub("P", waits, "T > C > V > F", inner=each_of("=l", "key"))
    thrower = [user("A"), throw("M", message("keyed"))]
    source = diagram([start(), repeated, *thrower, end(), end("D")], "S > P > E", "S > A > M > D")
    started = run(source, l=list(range(MANY)), key=150)

    started.answer("A")

    assert started.open_tasks == ["V"]
    assert sum(group.count for group in started.state.parked) == MANY


def test_a_sub_process_goes_on_in_its_own_scope(run):
    asks = [start("T"), user("V"), user("W"), end("F")]
    turns = each_of("=l", "i", results="r", result="=i * 2")
    repeated = sub("P", asks, "T > V > W > F", inner=turns)
    started = run(diagram([start(), repeated, mark("Z"), end()], "S > P > Z > E"), l=list(range(100)))

    for task in sorted(started.tasks, reverse=True):
        answer(started, task)
    assert [group.count for group in started.state.parked] == [64, 36]
    while started.tasks:
        started.answer("W")

    assert started.variables["r"] == [number * 2 for number in range(100)] and started.ended


def test_cancelling_the_case_ends_every_parked_iteration(run):
    started = run(many(), l=list(range(MANY)))

    started.cancel()

    assert started.ended and started.ended.outcome == "cancelled"
    assert len([effect for effect in started.effects if isinstance(effect, TaskWithdrawn)]) == MANY
    left = [effect for effect in started.effects if isinstance(effect, ElementLeft) and effect.element == "U"]
    assert [effect.outcome for effect in left] == ["terminated"]
