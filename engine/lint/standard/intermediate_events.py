"""May every intermediate event catch or throw what it does?

BPMN 2.0.2, 10.5.4, table 10.89; constraints EXT.115, EXT.116, EXT.122, EXT.148, EXT.149.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "intermediate-events"
CAUGHT = {"message", "timer", "conditional", "link", "signal"}
THROWN = {"message", "escalation", "compensate", "link", "signal"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for triggers and connections the standard does not allow."""
    for event in diagram.parts("intermediateCatchEvent", "intermediateThrowEvent"):
        yield from _triggers(diagram, event)
        catches, link = event.kind == "intermediateCatchEvent", diagram.triggers(event) == {"link"}
        if not diagram.entering(event) and not (catches and link):
            yield diagram.found(
                RULE, event, "Nothing leads to the intermediate event “{name}”.", "Connect it, or remove it."
            )
        if not diagram.leaving(event) and not (link and not catches):
            yield diagram.found(
                RULE, event, "The intermediate event “{name}” leads nowhere.", "Connect it to what follows."
            )


def _triggers(diagram: Diagram, event: Part) -> Iterator[Finding]:
    found = diagram.triggers(event)
    if event.kind == "intermediateThrowEvent":
        if found - THROWN:
            yield diagram.found(
                RULE,
                event,
                "The intermediate event “{name}” cannot throw this: {triggers}.",
                "It throws a message, an escalation, a signal, a compensation, a link or nothing.",
                triggers=", ".join(sorted(found - THROWN)),
            )
    elif not found or found - CAUGHT:
        yield diagram.found(
            RULE,
            event,
            "The intermediate event “{name}” cannot wait for this: {triggers}.",
            "It waits for a message, a time, a condition, a signal or a link.",
            triggers=", ".join(sorted(found - CAUGHT)) or "none",
        )
