"""Limits: long, wide, deep and repeated processes work, and a step costs what is alive, not what has happened."""

import pytest

from engine.bpmn import sizes
from engine.bpmn.errors import VariablesTooLarge
from engine.bpmn.sizes import MEGABYTE, MOST_BYTES, limit_variables
from engine.commands import CompleteTask
from engine.effects import MessagePublished
from tests.engine.bpmn.diagrams import (
    boundary,
    catch,
    diagram,
    each_of,
    element,
    end,
    gateway,
    loop,
    mark,
    message,
    one_process,
    script,
    start,
    sub,
    throw,
    times,
    user,
)
from tests.engine.bpmn.runs import Run


def test_a_thousand_chained_tasks():
    names = [f"t{number}" for number in range(1000)]

    assert len(Run(diagram([start(), *map(mark, names)], "S > " + " > ".join(names))).start().marks) == 1000


def test_a_thousand_parallel_branches():
    names = [f"t{number}" for number in range(1000)]
    flows = [f"P > {name} > J" for name in names]
    elements = [start(), gateway("parallel", "P"), *map(mark, names), gateway("parallel", "J"), mark("Z")]

    assert Run(diagram(elements, "S > P", *flows, "J > Z")).start().marks[-1] == "Z"


def test_fifty_nested_sub_processes():
    nested = mark("A")
    for level in range(50):
        nested = sub(f"P{level}", [nested])

    run = Run(diagram([start(), nested, mark("Z")], "S > P49 > Z"), restored=True).start()

    assert run.marks == ["A", "Z"] and run.ended


def test_a_loop_with_a_person_in_it_does_not_grow():
    run = Run(
        diagram([start(), gateway("exclusive", "G"), user("U"), script("A", "n + 1", "n")], "S > G > U > A > G"),
        restored=True,
        n=0,
    ).start()
    run.answer("U")
    first = len(run.state.dump())

    for _ in range(300):
        run.answer("U")

    assert run.variables["n"] == 301 and len(run.state.dump()) <= first + 8


def test_a_multi_instance_of_ten_thousand_items():
    run = Run(
        diagram(
            [start(), script("A", "i * 2", "double", each_of("=l", "i", results="d", result="=i * 2")), mark("Z")],
            "S > A > Z",
        ),
        l=list(range(10_000)),
    ).start()

    assert run.variables["d"][:3] == [0, 2, 4] and run.marks == ["Z"]
    assert len(Run(diagram([start(), user("U", times(1000))], "S > U")).start().tasks) == 1000


FIVE_MB = "a" * (5 * 1024 * 1024)


def test_a_case_may_hold_five_megabytes(run):
    kept = run(diagram([start(), user("U", form="u"), user("V"), end()], "S > U > V > E"))

    kept.answer("U", text=FIVE_MB).answer("V")

    assert kept.variables["u"] == {"text": FIVE_MB} and kept.ended


def test_what_is_given_beyond_the_limit_is_refused_and_nothing_is_lost(run):
    asked = run(diagram([start(), user("U", form="u"), user("V", form="v"), end()], "S > U > V > E"))
    asked.answer("U", text=FIVE_MB)
    before = asked.state

    with pytest.raises(VariablesTooLarge, match="at most 16 MB"):
        asked.do(CompleteTask(token=next(iter(asked.tasks)), answers={"text": FIVE_MB * 3}))

    assert asked.state is before and asked.open_tasks == ["V"]
    asked.answer("V", text="short")
    assert asked.ended


def test_what_a_script_makes_beyond_the_limit_is_an_incident_until_there_is_room(run):
    made = run(diagram([start(), script("A", "[text, text, text]", "triple"), end()], "S > A > E"), text=FIVE_MB)
    assert made.incident("A").kind == "expression" and "at most 16 MB" in made.incident("A").message
    assert len(made.state.dump()) < 6 * 1024 * 1024

    made.edit(text="short").resolve("A")

    assert made.variables["triple"] == ["short", "short", "short"] and made.ended


def test_a_loop_of_ten_thousand_turns():
    turned = Run(
        diagram([start(), script("A", "n + 1", "n", loop("=n < 10000")), mark("Z"), end()], "S > A > Z > E"), n=0
    ).start()

    assert turned.variables["n"] == 10_000 and turned.marks == ["Z"] and turned.ended


def test_a_person_may_turn_a_loop_a_thousand_times():
    turned = Run(diagram([start(), user("U", loop("=true", loopMaximum=1_000)), end()], "S > U > E")).start()

    for _ in range(1_000):
        turned.answer("U")

    assert turned.ended


BROUGHT = "b" * 128 * 1024
FULL = "a" * (MOST_BYTES - 64 * 1024)


def receive(name):
    return element("receiveTask", name, messageRef="message_m")


@pytest.mark.parametrize(
    ("elements", "flows"),
    [
        ([start(), catch("C", message()), user("U"), end()], ["S > C > U > E"]),
        ([start(), receive("C"), user("U"), end()], ["S > C > U > E"]),
        ([start(), user("V"), boundary("C", "V", message()), user("U"), end()], ["S > V > E", "C > U"]),
    ],
)
def test_a_message_that_no_longer_fits_is_an_incident_that_keeps_it_until_there_is_room(run, elements, flows):
    waiting = run(diagram(elements, *flows), kept=FULL)

    waiting.message("m", brought=BROUGHT)
    blocked = waiting.incident("C").message
    waiting.edit(kept="short").resolve("C")

    assert "at most 16 MB" in blocked
    assert waiting.variables["brought"] == BROUGHT
    assert (waiting.open_tasks[-1], waiting.incidents) == ("U", {})


def test_what_a_called_process_brings_back_beyond_the_limit_is_an_incident_of_the_call(run):
    called = run(
        diagram(
            [start(), element("callActivity", "C", zeebe='<calledElement processId="elsewhere"/>'), user("U"), end()],
            "S > C > U > E",
        ),
        kept=FULL,
    )

    called.end_child(brought=BROUGHT)
    blocked = called.incident("C").message
    called.edit(kept="short").resolve("C")

    assert "at most 16 MB" in blocked and called.open_tasks == ["U"]


def test_an_element_that_sends_more_than_a_case_can_hold_is_an_incident_of_the_sender(run):
    often = '<ioMapping><input source="=[kept, kept, kept]" target="sent"/></ioMapping>'
    sending = run(diagram([start(), throw("T", message(), zeebe=often), end()], "S > T > E"), kept=FIVE_MB)

    assert "at most 16 MB" in sending.incident("T").message and not sending.of(MessagePublished)


SOME = "s" * 50 * 1024


@pytest.fixture
def one_megabyte():
    """A case may hold a megabyte."""
    limit_variables(MEGABYTE)
    yield
    limit_variables()


def is_bounded(run):
    """What is stored is no more than a case may hold, and what a token needs to know beside it."""
    return len(run.state.dump()) < MEGABYTE + 64 * 1024


@pytest.mark.usefixtures("one_megabyte")
def test_many_small_values_do_not_creep_over_the_limit(run):
    names = [f"v{number}" for number in range(30)]

    crept = run(
        diagram([start(), *[script(f"A{n}", "text", n) for n in names]], "S > A" + " > A".join(names)), text=SOME
    )

    assert "at most 1 MB" in crept.incident("Av19").message and is_bounded(crept)


@pytest.mark.usefixtures("one_megabyte")
def test_many_small_answers_do_not_creep_over_the_limit(run):
    names = [f"U{number}" for number in range(30)]
    asked = run(diagram([start(), *[user(n, form=n) for n in names], end()], "S > " + " > ".join(names) + " > E"))

    with pytest.raises(VariablesTooLarge):
        for name in names:
            asked.answer(name, text=SOME)

    assert len(asked.variables) == 20 and is_bounded(asked)


@pytest.mark.usefixtures("one_megabyte")
@pytest.mark.parametrize("sequential", [False, True])
def test_what_many_items_give_does_not_creep_over_the_limit(run, sequential):
    each = each_of("=l", "i", results="r", result="=text", sequential=sequential)

    gathered = run(diagram([start(), mark("A", each), end()], "S > A > E"), l=list(range(40)), text=SOME)

    assert "at most 1 MB" in gathered.incident("A").message and is_bounded(gathered)


@pytest.mark.usefixtures("one_megabyte")
def test_what_many_items_are_given_does_not_creep_over_the_limit(run):
    given = '<ioMapping><input source="=text" target="mine"/></ioMapping>'

    asked = run(diagram([start(), user("U", times(40), zeebe=given), end()], "S > U > E"), text=SOME)

    assert len(asked.open_tasks) == 19 and len(asked.incidents) == 21 and is_bounded(asked)


@pytest.mark.usefixtures("one_megabyte")
def test_a_collection_too_large_to_be_gone_through_is_an_incident(run):
    items = [SOME] * 12

    refused = run(diagram([start(), user("U", each_of("=l", "i")), end()], "S > U > E"), l=items)

    assert "at most 1 MB" in refused.incident("U").message and not refused.open_tasks


@pytest.mark.usefixtures("one_megabyte")
def test_a_called_process_that_gets_more_than_fits_is_an_incident_of_the_call(run):
    called = one_process("q", [start("S2"), user("V"), end("E2")], "S2 > V > E2")
    calls = element("callActivity", "C", zeebe='<calledElement processId="q"/>')

    asked = run(diagram([start(), calls, end()], "S > C > E", more=called), text=SOME * 12)

    assert "at most 1 MB" in asked.incident("C").message


@pytest.mark.usefixtures("one_megabyte")
def test_room_that_is_given_back_can_be_used_again(run):
    given = '<ioMapping><input source="=text" target="mine"/></ioMapping>'
    turning = [start(), gateway("exclusive", "G"), user("U", form="u", zeebe=given), end()]

    turned = run(diagram(turning, "S > G > U > G"), text=SOME * 4)
    for _ in range(20):
        turned.answer("U", text=SOME * 4)
    turned.edit(text=SOME * 3).edit(text=SOME * 6)

    assert turned.open_tasks == ["U"] and not turned.incidents


@pytest.mark.usefixtures("one_megabyte")
def test_results_of_many_items_that_fit_are_written(run):
    each = each_of("=l", "i", results="r", result="=text")
    gathered = run(
        diagram([start(), mark("A", each), user("U", form="u"), end()], "S > A > U > E"), l=[1] * 15, text=SOME
    )

    gathered.answer("U", text=SOME * 3)

    assert gathered.ended


def test_a_step_that_writes_little_into_a_full_case_adds_nothing_up(monkeypatch):
    """What a write costs does not depend on what is held: only when there seems to be no room is anything counted."""
    measured: list[int] = []
    whole = sizes.bytes_of
    monkeypatch.setattr(sizes, "bytes_of", lambda values: measured.append(whole(values)) or whole(values))
    asked = Run(diagram([start(), user("U", form="u"), user("V", form="v")], "S > U > V"), restored=True, kept=FIVE_MB)
    asked.start()
    measured.clear()

    asked.answer("U", text="short")

    assert measured and max(measured) < 100
