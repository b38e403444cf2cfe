"""Where a level has a start event, does something lead to every node; where it has an end event, does every node lead
somewhere?

BPMN 2.0.2, 10.5.2, 10.5.3; constraints EXT.150, EXT.151.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, GATEWAYS, Diagram

RULE = "flow-nodes-connected"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each activity or gateway left out of the flow; the rules of events speak for events."""
    for level in diagram.levels:
        if level.kind == "adHocSubProcess":
            continue
        starts, ends = bool(level.all("startEvent")), bool(level.all("endEvent"))
        for node in level.all(*ACTIVITIES, *GATEWAYS):
            if diagram.is_event_subprocess(node) or diagram.is_compensation(node):
                continue
            if starts and not diagram.entering(node) and not diagram.instantiates(node):
                yield diagram.found(RULE, node, "Nothing leads to “{name}”.", "Connect it, or remove it.")
            if ends and not diagram.leaving(node):
                yield diagram.found(
                    RULE, node, "“{name}” leads nowhere.", "Connect it to what follows, or to an end event."
                )
