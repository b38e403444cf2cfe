"""May every end event be where it is, and throw what it throws?

BPMN 2.0.2, 10.5.3, table 10.88; constraints EXT.104, EXT.106, EXT.107, EXT.146.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "end-events"
ALLOWED = {"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for connections and results the standard does not allow."""
    for event in diagram.parts("endEvent"):
        if diagram.leaving(event):
            yield diagram.found(
                RULE, event, "A sequence flow leaves the end event “{name}”.", "End there, or use another event."
            )
        if not diagram.entering(event):
            yield diagram.found(RULE, event, "Nothing leads to the end event “{name}”.", "Connect it, or remove it.")
        thrown = diagram.triggers(event)
        if thrown - ALLOWED:
            yield diagram.found(
                RULE,
                event,
                "The end event “{name}” cannot throw this: {triggers}.",
                "An end throws a message, an error, an escalation, a signal, a compensation, or nothing.",
                triggers=", ".join(sorted(thrown - ALLOWED)),
            )
        if "cancel" in thrown and event.within("process", "transaction", "subProcess") not in _transactions(diagram):
            yield diagram.found(
                RULE,
                event,
                "The end event “{name}” cancels, but it does not stand in a transaction.",
                "Use a transaction around it, or another end event.",
            )


def _transactions(diagram: Diagram) -> list[object]:
    return list(diagram.parts("transaction"))
