"""Every kind of event at every position (BPMN 2.0.2, table 10.93): what the standard allows runs, the rest is refused.

The models are made from two tables: how a kind of event is written and made to happen, and what a position looks like.
"""

from collections.abc import Callable

import pytest

from engine import definition
from engine.bpmn.parser.safe import read_xml
from engine.effects import EscalationUncaught, MessagePublished, SignalBroadcast
from engine.lint.standard import breaches
from tests.engine.bpmn.diagrams import (
    after,
    association,
    boundary,
    cancel,
    catch,
    compensate,
    condition,
    diagram,
    end,
    error,
    escalation,
    event_sub,
    link,
    mark,
    message,
    signal,
    start,
    sub,
    terminate,
    throw,
    user,
)
from tests.engine.bpmn.runs import Run, bundle

WRITTEN = {
    "none": "",
    "message": message(),
    "timer": after("PT1H"),
    "error": error("E1"),
    "escalation": escalation("X1"),
    "cancel": cancel(),
    "compensation": compensate(),
    "conditional": condition("=go"),
    "link": link("k"),
    "signal": signal(),
    "terminate": terminate(),
    "multiple": message() + signal(),
    "parallel multiple": message() + signal(),
}
KINDS = tuple(WRITTEN)
# How what is waited for comes from outside; the others are thrown by the process itself.
COMES: dict[str, Callable[[Run], object]] = {
    "message": lambda run: run.message("m"),
    "timer": lambda run: run.wait(hours=1),
    "conditional": lambda run: run.edit(go=True),
    "signal": lambda run: run.signal("s"),
    "multiple": lambda run: run.signal("s"),
    "parallel multiple": lambda run: (run.signal("s"), run.message("m")),
}
ALLOWED = {
    "start of a process": {"none", "message", "timer", "signal", "multiple", "parallel multiple"},
    "start of a sub-process": {"none"},
    "interrupting event sub-process": set(KINDS) - {"none", "cancel", "link", "terminate"},
    "non-interrupting event sub-process": {*COMES, "escalation"},
    "catch": {*COMES, "link"},
    "interrupting boundary": set(KINDS) - {"none", "link", "terminate"},
    "non-interrupting boundary": {*COMES, "escalation"},
    "throw": {"none", "message", "escalation", "compensation", "link", "signal", "multiple"},
    "end": set(KINDS) - {"timer", "conditional", "link", "parallel multiple"},
}


def cases(*positions: str, allowed: bool = True) -> list[tuple[str, str]]:
    return [(at, kind) for at in positions for kind in KINDS if (kind in ALLOWED[at]) == allowed]


def together(kind: str) -> dict[str, bool]:
    return {"parallelMultiple": True} if kind == "parallel multiple" else {}


def thrower(kind: str) -> str:
    """The end event that throws what only a process itself can throw."""
    return end("x", WRITTEN[kind])


def at_position(at: str, kind: str) -> bytes:
    """A process with this event at this position. `W` waits where the event is to find something to interrupt."""
    event, flags = WRITTEN[kind], together(kind)
    match at:
        case "start of a process":
            return diagram([start("B", event, **flags), mark("H"), end()], "B > H > E")
        case "start of a sub-process":
            inside = [start("B", event, **flags), mark("H"), end("e")]
            return diagram([start(), sub("P", inside, "B > H > e"), end()], "S > P > E")
        case "interrupting event sub-process" | "non-interrupting event sub-process":
            begun = start("B", event, isInterrupting=at.startswith("inter"), **flags)
            handled = event_sub("ES", [begun, mark("H"), end("h")], "B > H > h")
            return around(kind, lambda inner, flows: sub("P", [*inner, handled], *flows))
        case "catch":
            thrown = [throw("T", event), catch("B", event)] if kind == "link" else [catch("B", event, **flags)]
            flows = ["S > T", "B > H > E"] if kind == "link" else ["S > B > H > E"]
            return diagram([start(), *thrown, mark("H"), end()], *flows)
        case "interrupting boundary" | "non-interrupting boundary":
            return at_boundary(kind, interrupting=at.startswith("inter"))
        case "throw":
            caught = [catch("C", event)] if kind == "link" else []
            flows = ["S > B", "C > H > E"] if kind == "link" else ["S > B > H > E"]
            return diagram([start(), throw("B", event, **flags), *caught, mark("H"), end()], *flows)
    inside = [start("s"), mark("H"), end("B", event, **flags)]
    holder = sub("P", inside, "s > H > B", kind="transaction" if kind == "cancel" else "subProcess")
    return (
        diagram([start(), holder, boundary("c", "P", cancel()), end("f"), end()], "S > P > E", "c > f")
        if (kind == "cancel")
        else diagram([start(), holder, end()], "S > P > E")
    )


def around(kind: str, holder: Callable[[list[str], list[str]], str]) -> bytes:
    """A scope that waits in `W`, and throws what cannot come from outside once `W` is answered."""
    inner, flows = [start("s"), user("W"), end("w")], ["s > W > w"]
    if kind not in COMES:
        inner, flows = [start("s"), user("W"), thrower(kind)], ["s > W > x"]
    if kind == "compensation":
        # The handler runs when somebody compensates the completed scope from outside.
        inner, flows = [start("s"), user("W"), end("w")], ["s > W > w"]
        return diagram([start(), holder(inner, flows), throw("T", compensate("P")), end()], "S > P > T > E")
    return diagram([start(), holder(inner, flows), end()], "S > P > E")


def at_boundary(kind: str, *, interrupting: bool) -> bytes:
    event = boundary("B", "P", WRITTEN[kind], interrupting=interrupting, **together(kind))
    inner, flows = [start("s"), user("W"), end("w")], ["s > W > w"]
    if kind not in COMES and kind != "compensation":
        inner, flows = [start("s"), user("W"), thrower(kind)], ["s > W > x"]
    holder = sub("P", inner, *flows, kind="transaction" if kind == "cancel" else "subProcess")
    if kind == "compensation":
        return diagram(
            [start(), holder, event, mark("H", isForCompensation=True), throw("T", compensate()), end()],
            "S > P > T > E",
            more="",
        ).replace(b"</bpmn:process>", association("B", "H").encode() + b"</bpmn:process>")
    return diagram([start(), holder, event, mark("H"), end("h"), end()], "S > P > E", "B > H > h")


def happen(kind: str, run: Run) -> None:
    """What the event waits for happens, from outside or from inside."""
    if kind in COMES:
        COMES[kind](run)
    else:
        run.answer("W")


def refused(source: bytes) -> list[str]:
    """Why the gate refuses a diagram, each with its way out."""
    broken = sound(source)
    unread = [each.message for each in definition.findings(bundle(source)) if each.way_out]
    return broken + unread


def sound(source: bytes) -> list[str]:
    """Breaches of the standard but those of the short way these models are written."""
    found = breaches({"d.bpmn": read_xml(source)})
    assert all(each.way_out for each in found)
    return [each.says() for each in found if each.rule not in ("flow-lists-complete", "messages-given")]


@pytest.mark.parametrize(("at", "kind"), cases("start of a process"))
def test_a_process_begins_with_its_event(run, at, kind):
    source = at_position(at, kind)

    begun = run(source, at="B", came=("message", "m"))
    if kind == "parallel multiple":
        assert begun.marks == [] and begun.ended is None, "the signal has not come yet"
        begun.signal("s")

    assert begun.marks == ["H"] and begun.ended and sound(source) == []


@pytest.mark.parametrize(("at", "kind"), cases("start of a sub-process"))
def test_a_sub_process_begins_by_itself(run, at, kind):
    assert run(at_position(at, kind)).marks == ["H"]


@pytest.mark.parametrize(("at", "kind"), cases("interrupting event sub-process", "interrupting boundary"))
def test_an_interrupting_event_ends_what_it_watches_and_runs_its_handler(run, at, kind):
    source = at_position(at, kind)
    watched = run(source)

    happen(kind, watched)

    assert watched.marks == ["H"] and not watched.tasks and watched.ended and not watched.incidents
    assert sound(source) == []


@pytest.mark.parametrize(("at", "kind"), cases("non-interrupting event sub-process", "non-interrupting boundary"))
def test_an_event_that_does_not_interrupt_runs_its_handler_beside(run, at, kind):
    source = at_position(at, kind)
    watched = run(source)

    happen(kind, watched)

    assert watched.marks == ["H"] and sound(source) == []
    if kind in COMES:
        assert watched.open_tasks == ["W"] and watched.ended is None
        watched.answer("W")
    assert watched.ended


@pytest.mark.parametrize(("at", "kind"), cases("catch"))
def test_a_catching_event_waits_for_what_it_says(run, at, kind):
    source = at_position(at, kind)
    waiting = run(source)
    if kind != "link":
        assert waiting.marks == [] and waiting.ended is None
        happen(kind, waiting)

    assert waiting.marks == ["H"] and waiting.ended and sound(source) == []


@pytest.mark.parametrize(("at", "kind"), cases("throw", "end"))
def test_a_throwing_event_throws_and_the_token_goes_on_or_ends(run, at, kind):
    source = at_position(at, kind)

    thrown = run(source)

    assert thrown.marks == ["H"] and sound(source) == []
    if kind == "error":
        assert thrown.incident("B").kind == "error", "nobody catches it"
        return
    assert thrown.ended
    sent = {"message": MessagePublished, "signal": SignalBroadcast, "escalation": EscalationUncaught}
    for each in ("message", "signal") if kind == "multiple" else (kind,):
        assert len(thrown.of(sent[each])) == 1 if each in sent else True


@pytest.mark.parametrize(("at", "kind"), cases(*ALLOWED, allowed=False))
def test_what_the_standard_does_not_allow_is_refused_with_the_way_out(at, kind):
    assert refused(at_position(at, kind)) != []
