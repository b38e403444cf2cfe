"""May every start event be where it is, and wait for what it waits for?

BPMN 2.0.2, 10.5.2, tables 10.84 to 10.87; constraints EXT.096 to EXT.101, EXT.105.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "start-events"
OF_PROCESS = {"message", "timer", "conditional", "signal"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for connections, triggers and levels the standard does not allow."""
    for level in diagram.levels:
        starts = level.all("startEvent")
        for event in starts:
            yield from _connections(diagram, event)
            yield from _triggers(diagram, level, event)
        begins = starts or [node for node in diagram.nodes(level) if diagram.instantiates(node)]
        if level.kind != "adHocSubProcess":
            yield from _both_or_none(diagram, level, begins=bool(begins), starts=bool(starts))


def _connections(diagram: Diagram, event: Part) -> Iterator[Finding]:
    if diagram.entering(event):
        yield diagram.found(
            RULE, event, "A sequence flow leads to the start event “{name}”.", "Lead it to what follows the start."
        )
    if not diagram.leaving(event):
        yield diagram.found(RULE, event, "The start event “{name}” leads nowhere.", "Connect it to what follows.")


def _triggers(diagram: Diagram, level: Part, event: Part) -> Iterator[Finding]:
    if diagram.is_event_subprocess(level):
        return  # `event-subprocesses` judges those.
    wrong = diagram.triggers(event) - (OF_PROCESS if level.kind == "process" else set())
    if wrong:
        yield diagram.found(
            RULE,
            event,
            "The start event “{name}” cannot wait for this here: {triggers}.",
            "A process starts by a message, a time, a condition, a signal or by itself; a sub-process only by itself.",
            triggers=", ".join(sorted(wrong)),
        )


def _both_or_none(diagram: Diagram, level: Part, *, begins: bool, starts: bool) -> Iterator[Finding]:
    ends = bool(level.all("endEvent"))
    if starts and not ends:
        yield diagram.found(RULE, level, "“{name}” has a start event but no end event.", "Add an end event.")
    if ends and not begins:
        yield diagram.found(RULE, level, "“{name}” has an end event but no start event.", "Add a start event.")
