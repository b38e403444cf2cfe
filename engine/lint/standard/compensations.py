"""Is every compensation event connected to an activity that undoes?

BPMN 2.0.2, 10.7.1; constraints EXT.143, EXT.144.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "compensations"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for a compensation event without activity, with a wrong one, and for such an activity in the flow."""
    handlers = {each.get("sourceRef"): each.get("targetRef") for each in diagram.parts("association")}
    handlers |= {
        each.get("targetRef"): each.get("sourceRef")
        for each in diagram.parts("association")
        if each.get("targetRef") not in handlers
    }
    for event in diagram.parts("boundaryEvent"):
        if "compensate" not in diagram.triggers(event):
            continue
        handler = diagram.named(handlers.get(event.id, ""))
        if handler is None or not diagram.is_compensation(handler):
            yield diagram.found(
                RULE,
                event,
                "The compensation event “{name}” is not connected to a compensation activity.",
                "Connect it by an association to an activity marked for compensation.",
            )
        elif diagram.entering(handler) or diagram.leaving(handler):
            yield diagram.found(
                RULE,
                handler,
                "The compensation activity “{name}” is connected by a sequence flow.",
                "Connect it only to its compensation event, by an association.",
            )
