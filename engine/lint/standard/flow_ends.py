"""Does every sequence flow connect two flow nodes of one level, that may be connected?

BPMN 2.0.2, 7.6.1, 8.4.1, 8.4.13; constraints EXT.006, EXT.007, EXT.021, EXT.022, EXT.024, EXT.028, EXT.152.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import CHOREOGRAPHY, FLOW_NODES, Diagram

RULE = "flow-ends"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each end that is no flow node, or lies in another process or sub-process."""
    for flow in diagram.flows:
        for end in ("sourceRef", "targetRef"):
            node = diagram.named(flow.get(end))
            if node is None:
                continue  # `references-resolved` says so.
            if node.kind not in (*FLOW_NODES, *CHOREOGRAPHY) or diagram.is_event_subprocess(node):
                yield diagram.found(
                    RULE,
                    flow,
                    "The sequence flow “{name}” ends at “{node}”, which is no activity, gateway or event in the flow.",
                    "Connect it to an activity, a gateway or an event.",
                    node=node.get("name") or node.id,
                )
            elif node.parent is not flow.parent:
                yield diagram.found(
                    RULE,
                    flow,
                    "The sequence flow “{name}” crosses the border of a pool or a sub-process to “{node}”.",
                    "End it at the border, and use a message or an event to go further.",
                    node=node.get("name") or node.id,
                )
        if not flow.says("isImmediate", otherwise=True):
            yield diagram.found(
                RULE,
                flow,
                "The sequence flow “{name}” is marked as not immediate, which a process that runs must not have.",
                "Remove isImmediate, or write true.",
            )
