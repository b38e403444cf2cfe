"""May every boundary event wait for what it waits for, where it is attached?

BPMN 2.0.2, 10.5.4, tables 10.90 to 10.92; constraints EXT.110 to EXT.114, EXT.120, EXT.147.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "boundary-events"
ALLOWED = {"message", "timer", "escalation", "error", "cancel", "compensate", "conditional", "signal"}
ALWAYS_INTERRUPTING = {"error", "cancel"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for triggers, hosts and connections the standard does not allow."""
    for event in diagram.parts("boundaryEvent"):
        awaited = diagram.triggers(event)
        yield from _triggers(diagram, event, awaited)
        if diagram.entering(event):
            yield diagram.found(
                RULE, event, "A sequence flow leads to the boundary event “{name}”.", "Lead it to an activity."
            )
        leaves = bool(diagram.leaving(event))
        if leaves and awaited == {"compensate"}:
            yield diagram.found(
                RULE,
                event,
                "A sequence flow leaves the compensation event “{name}”.",
                "Connect it to its compensation activity with an association.",
            )
        elif not leaves and "compensate" not in awaited:
            yield diagram.found(
                RULE, event, "The boundary event “{name}” leads nowhere.", "Connect it to what follows."
            )


def _triggers(diagram: Diagram, event: Part, awaited: set[str]) -> Iterator[Finding]:
    if not awaited or awaited - ALLOWED:
        yield diagram.found(
            RULE,
            event,
            "The boundary event “{name}” cannot wait for this: {triggers}.",
            "Choose a message, a time, an error, an escalation, a signal, a condition or a compensation.",
            triggers=", ".join(sorted(awaited - ALLOWED)) or "none",
        )
    if awaited & ALWAYS_INTERRUPTING and not event.says("cancelActivity", otherwise=True):
        yield diagram.found(
            RULE,
            event,
            "The boundary event “{name}” waits for an error or a cancellation without interrupting its activity.",
            "Make it an interrupting event.",
        )
    if awaited == {"compensate"} and not event.says("cancelActivity", otherwise=True):
        yield diagram.found(
            RULE,
            event,
            "The compensation event “{name}” is marked as not interrupting, but nothing runs that it could interrupt.",
            "Remove the mark (cancelActivity).",
        )
    host = diagram.named(event.get("attachedToRef"))
    if "cancel" in awaited and (host is None or host.kind != "transaction"):
        yield diagram.found(
            RULE,
            event,
            "The boundary event “{name}” waits for a cancellation, but its activity is no transaction.",
            "Attach it to a transaction, or choose another event.",
        )
