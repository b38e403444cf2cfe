"""Is every event sub-process outside the flow, begun by one event that it may wait for?

BPMN 2.0.2, 10.3.5 “Event Sub-Process”, 10.5.2; constraints EXT.057 to EXT.059, EXT.129.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "event-subprocesses"
ALLOWED = {"message", "timer", "escalation", "error", "compensate", "conditional", "signal"}
ALWAYS_INTERRUPTING = {"error", "compensate"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for flows at its border and for anything but one allowed start event."""
    for level in diagram.parts("subProcess"):
        if not diagram.is_event_subprocess(level):
            continue
        if diagram.entering(level) or diagram.leaving(level):
            yield diagram.found(
                RULE,
                level,
                "A sequence flow is connected to the event sub-process “{name}”.",
                "Remove it: the sub-process is begun by its start event.",
            )
        starts = level.all("startEvent")
        if len(starts) != 1:
            yield diagram.found(
                RULE,
                level,
                "The event sub-process “{name}” does not have exactly one start event.",
                "Give it one start event; use an event sub-process for each event.",
            )
        for event in starts:
            yield from _triggers(diagram, event)


def _triggers(diagram: Diagram, event: Part) -> Iterator[Finding]:
    awaited = diagram.triggers(event)
    if not awaited or awaited - ALLOWED:
        yield diagram.found(
            RULE,
            event,
            "The start event “{name}” of an event sub-process cannot wait for this: {triggers}.",
            "Choose a message, a time, an escalation, an error, a compensation, a condition or a signal.",
            triggers=", ".join(sorted(awaited - ALLOWED)) or "none",
        )
    if awaited & ALWAYS_INTERRUPTING and not event.says("isInterrupting", otherwise=True):
        yield diagram.found(
            RULE,
            event,
            "The start event “{name}” waits for an error or a compensation without interrupting.",
            "Make it an interrupting event.",
        )
