"""Random block-structured processes: they always come to an end, never lose a token, and storing their state changes
nothing."""

import itertools
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    diagram,
    end,
    gateway,
    job,
    mark,
    script,
    start,
    sub,
    times,
    user,
)
from tests.engine.bpmn.runs import Run

Block = tuple[str, tuple]  # kind, inner blocks

BLOCKS = st.recursive(
    st.sampled_from(["mark", "user", "job", "script", "timed"]).map(lambda kind: (kind, ())),
    lambda inner: st.tuples(
        st.sampled_from(["sequence", "exclusive", "parallel", "inclusive", "sub", "repeat"]),
        st.lists(inner, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=8,
)


class Writer:
    """Writes a block as elements and flows; gives its first and last element."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def name(self, letter: str) -> str:
        return f"{letter}{next(self.numbers)}"

    def write(self, block: Block, elements: list[str], flows: list[str]) -> tuple[str, str]:
        kind, inner = block
        match kind:
            case "sequence":
                ends = [self.write(each, elements, flows) for each in inner]
                flows += [f"{before[1]} > {later[0]}" for before, later in itertools.pairwise(ends)]
                return ends[0][0], ends[-1][1]
            case "exclusive" | "parallel" | "inclusive":
                return self._gateway(kind, inner, elements, flows)
            case "sub" | "repeat":
                return self._sub(kind, inner, elements)
            case "timed":
                return self._timed(elements, flows)
        name = self.name("n")
        simple = {"mark": mark, "user": user, "job": job}
        elements.append(script(name, "n + 1", "n") if kind == "script" else simple[kind](name))
        return name, name

    def _gateway(self, kind: str, inner: tuple, elements: list[str], flows: list[str]) -> tuple[str, str]:
        split, join = self.name("s"), self.name("j")
        ends = [self.write(each, elements, flows) for each in inner]
        default = {} if kind == "parallel" else {"default": f"{split}_{ends[-1][0]}"}
        elements += [gateway(kind, split, **default), gateway(kind, join)]
        for number, (first, last) in enumerate(ends):
            guard = "" if kind == "parallel" or number == len(ends) - 1 else f" : =n > {number}"
            flows += [f"{split} > {first}{guard}", f"{last} > {join}"]
        return split, join

    def _sub(self, kind: str, inner: tuple, elements: list[str]) -> tuple[str, str]:
        name, first, last = self.name("p"), self.name("b"), self.name("e")
        inside: list[str] = [start(first), end(last)]
        flows: list[str] = []
        opening, closing = self.write(("sequence", inner), inside, flows)
        flows += [f"{first} > {opening}", f"{closing} > {last}"]
        elements.append(sub(name, inside, *flows, inner=times(2) if kind == "repeat" else ""))
        return name, name

    def _timed(self, elements: list[str], flows: list[str]) -> tuple[str, str]:
        task, late, join = self.name("u"), self.name("t"), self.name("x")
        elements += [user(task), boundary(late, task, after("PT1H")), gateway("exclusive", join)]
        flows += [f"{task} > {join}", f"{late} > {join}"]
        return task, join


def played(source: bytes, seed: int, restored: bool) -> Run:
    """Everything that waits is finished, in an order that depends on the seed only."""
    chance = random.Random(seed)
    run = Run(source, restored=restored, n=0).start()
    for _ in range(500):
        if run.ended is not None:
            break
        open_now = [*((run.answer, task.element) for task in run.tasks.values())]
        open_now += [(run.finish, queued.element) for queued in run.jobs.values()]
        if run.timers and chance.random() < 0.3:
            run.wait(hours=1)
        elif open_now:
            act, element = chance.choice(open_now)
            act(element)
        else:
            break
    return run


@given(BLOCKS, st.integers(0, 1000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_random_process_ends_and_its_stored_state_behaves_like_the_living_one(block, seed):
    elements, flows = [start(), end()], []
    first, last = Writer().write(block, elements, flows)
    source = diagram(elements, f"S > {first}", *flows, f"{last} > E")

    alive, stored = played(source, seed, restored=False), played(source, seed, restored=True)

    assert alive.ended is not None, f"nothing waits and the instance has not ended: {alive.state}"
    assert not alive.incidents
    assert alive.effects == stored.effects
    assert alive.state.tokens == stored.state.tokens == ()
