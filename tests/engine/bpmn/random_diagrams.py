"""Random processes for property tests: block-structured ones, which always come to an end, and unstructured ones, which
may deadlock or loop but must never lose a token.

A block is a kind and its inner blocks; `written` makes the diagram. A tangle is a list of nodes and of edges between
them; `tangled` makes the diagram.
"""

import itertools

from hypothesis import strategies as st

from tests.engine.bpmn.diagrams import (
    after,
    association,
    boundary,
    cancel,
    catch,
    compensate,
    condition,
    diagram,
    each_of,
    element,
    end,
    error,
    escalation,
    event_sub,
    gateway,
    job,
    loop,
    mark,
    message,
    one_process,
    script,
    signal,
    start,
    sub,
    throw,
    times,
    user,
)

Block = tuple[str, tuple]  # kind, inner blocks

SIMPLE = ("mark", "user", "job", "script", "timed", "race", "signal", "looped", "each", "called", "undone", "wished")
NESTED = ("sequence", "exclusive", "parallel", "inclusive", "sub", "repeat")
AROUND = ("guarded", "listening", "escalating", "transaction", "adhoc", "conditional")
BLOCKS = st.recursive(
    st.sampled_from(SIMPLE).map(lambda kind: (kind, ())),
    lambda inner: st.tuples(st.sampled_from(NESTED + AROUND), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=8,
)
# What a called process of the bundle does.
CALLED = one_process("q", [start("qs"), user("Q"), throw("qt", escalation("X2")), end("qe")], "qs > Q > qt > qe")
COLLECTION = "=[1, 2]"


def written(block: Block) -> bytes:
    """The diagram of a block between a start and an end."""
    elements, flows = [start(), end()], []
    first, last = Writer().write(block, elements, flows)
    return diagram(elements, f"S > {first}", *flows, f"{last} > E", more=CALLED)


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
            case "sub" | "repeat" | "listening" | "conditional" | "adhoc":
                return self._sub(kind, inner, elements)
            case "guarded" | "escalating" | "transaction":
                return self._guarded(kind, inner, elements, flows)
            case "timed" | "race" | "undone":
                return getattr(self, f"_{kind}")(elements, flows)
        return self._task(kind, elements)

    def _task(self, kind: str, elements: list[str]) -> tuple[str, str]:
        name = self.name("n")
        simple = {
            "mark": mark,
            "user": user,
            "job": job,
            "script": lambda name: script(name, "n + 1", "n"),
            "signal": lambda name: catch(name, signal()),
            "wished": lambda name: catch(name, condition("=n > 0")),
            "looped": lambda name: user(name, loop("=n < 1", loopMaximum=2)),
            "each": lambda name: job(name, each_of(COLLECTION, "i", results="r", result="=i")),
            "called": lambda name: element("callActivity", name, calledElement="q"),
        }
        elements.append(simple[kind](name))
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

    def _inside(self, inner: tuple) -> tuple[list[str], list[str], str]:
        first, last = self.name("b"), self.name("e")
        inside, flows = [start(first), end(last)], []
        opening, closing = self.write(("sequence", inner), inside, flows)
        return inside, [*flows, f"{first} > {opening}", f"{closing} > {last}"], closing

    def _sub(self, kind: str, inner: tuple, elements: list[str]) -> tuple[str, str]:
        name = self.name("p")
        if kind == "adhoc":
            inside, flows = [user(self.name("a")), job(self.name("a"))], []
            self.write(("sequence", inner), inside, flows)
            elements.append(sub(name, inside, *flows, kind="adHocSubProcess"))
            return name, name
        inside, flows, _ = self._inside(inner)
        if kind in ("listening", "conditional"):
            begin, handled = self.name("b"), self.name("h")
            event = message() if kind == "listening" else condition("=n > 1")
            started = start(begin, event, isInterrupting=kind == "conditional")
            inside.append(event_sub(self.name("v"), [started, mark(handled)], f"{begin} > {handled}"))
        elements.append(sub(name, inside, *flows, inner=times(2) if kind == "repeat" else ""))
        return name, name

    def _guarded(self, kind: str, inner: tuple, elements: list[str], flows: list[str]) -> tuple[str, str]:
        """A sub-process that may end by what its boundary catches, when n is odd."""
        name, caught, join, choice, out = (self.name(letter) for letter in "pbxgo")
        inside, inner_flows, closing = self._inside(inner)
        events = {"guarded": error("E1"), "escalating": escalation("X1"), "transaction": cancel()}
        inside += [gateway("exclusive", choice, default=f"{choice}_{out}"), end(out), end(f"{out}x", events[kind])]
        last = inner_flows.pop().split(" > ")[1]
        inside = [each for each in inside if f'id="{last}"' not in each]
        inner_flows += [f"{closing} > {choice}", f"{choice} > {out}", f"{choice} > {out}x : =odd(n)"]
        elements += [
            sub(name, inside, *inner_flows, kind="transaction" if kind == "transaction" else "subProcess"),
            boundary(caught, name, events[kind]),
            gateway("exclusive", join),
        ]
        flows += [f"{name} > {join}", f"{caught} > {join}"]
        return name, join

    def _timed(self, elements: list[str], flows: list[str]) -> tuple[str, str]:
        task, late, join = self.name("u"), self.name("t"), self.name("x")
        elements += [user(task), boundary(late, task, after("PT1H")), gateway("exclusive", join)]
        flows += [f"{task} > {join}", f"{late} > {join}"]
        return task, join

    def _race(self, elements: list[str], flows: list[str]) -> tuple[str, str]:
        race, told, late, join = (self.name(letter) for letter in "gctx")
        elements += [
            gateway("eventBased", race),
            catch(told, message()),
            catch(late, after("PT2H")),
            gateway("exclusive", join),
        ]
        flows += [f"{race} > {told} > {join}", f"{race} > {late} > {join}"]
        return race, join

    def _undone(self, elements: list[str], flows: list[str]) -> tuple[str, str]:
        """An activity that is done and undone."""
        task, event, handler, thrown = (self.name(letter) for letter in "ubkt")
        elements += [
            job(task),
            boundary(event, task, compensate()),
            job(handler, isForCompensation=True),
            association(event, handler),
            throw(thrown, compensate(task)),
        ]
        flows.append(f"{task} > {thrown}")
        return task, thrown


# --- without structure -----------------------------------------------------------------------------------------------

NODES = ("mark", "user", "job", "script", "exclusive", "parallel", "inclusive", "complex", "timer", "message")
Tangle = tuple[tuple[str, ...], tuple[tuple[int, int], ...]]


@st.composite
def tangles(draw: st.DrawFn) -> Tangle:
    """Nodes, and edges by place: every node is reached from an earlier one, every node leads somewhere."""
    nodes = tuple(draw(st.lists(st.sampled_from(NODES), min_size=2, max_size=7)))
    last = len(nodes)
    edges = {(draw(st.integers(-1, place - 1)), place) for place in range(last)}
    edges |= {(place, draw(st.integers(0, last))) for place in range(last)}
    edges |= set(draw(st.lists(st.tuples(st.integers(0, last - 1), st.integers(0, last)), max_size=4)))
    return nodes, tuple(sorted(edges))


def tangled(tangle: Tangle) -> bytes:
    """The diagram of a tangle; -1 is the start, and one more than the last node the end."""
    nodes, edges = tangle
    names = {-1: "S", **{place: f"{kind[0]}{place}" for place, kind in enumerate(nodes)}, len(nodes): "E"}
    first = dict(reversed(edges))
    elements = [start(), end(), *(_node(kind, names[at], names[first[at]]) for at, kind in enumerate(nodes))]
    flows = []
    for source, target in edges:
        guarded = source >= 0 and nodes[source] in ("exclusive", "inclusive") and first[source] != target
        flows.append(f"{names[source]} > {names[target]}" + (f" : =n > {target}" if guarded else ""))
    return diagram(elements, *flows)


def _node(kind: str, name: str, first: str) -> str:
    match kind:
        case "exclusive" | "inclusive":
            return gateway(kind, name, default=f"{name}_{first}")
        case "parallel":
            return gateway(kind, name)
        case "complex":
            inner = "<bpmn:activationCondition>=activationCount >= 1</bpmn:activationCondition>".replace(">=", "&gt;=")
            return gateway(kind, name, inner.replace("&gt;=activ", ">=activ"), default=f"{name}_{first}")
        case "timer":
            return catch(name, after("PT1H"))
        case "message":
            return catch(name, message())
        case "script":
            return script(name, "n + 1", "n")
    return {"mark": mark, "user": user, "job": job}[kind](name)
