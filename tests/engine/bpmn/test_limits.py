"""Limits: long, wide, deep and repeated processes work, and a step costs what is alive, not what has happened."""

from tests.engine.bpmn.diagrams import diagram, each_of, gateway, mark, script, start, sub, times, user
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
