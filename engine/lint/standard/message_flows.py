"""Does every message flow go from one pool to another, between what may send and receive?

BPMN 2.0.2, 7.6.2, 9.4; constraints EXT.008, EXT.009, EXT.031, EXT.102, EXT.103, EXT.108, EXT.109, EXT.119.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ARTIFACTS, GATEWAYS, Diagram
from engine.lint.standard.part import Part

RULE = "message-flows"
NEVER_SENDS = ("startEvent", "intermediateCatchEvent", "boundaryEvent", *ARTIFACTS, *GATEWAYS)
NEVER_RECEIVES = ("endEvent", "intermediateThrowEvent", *ARTIFACTS, *GATEWAYS)
SENDING = ("endEvent", "intermediateThrowEvent")
RECEIVING = ("startEvent", "intermediateCatchEvent", "boundaryEvent")


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for ends that cannot be ends, and for flows that stay in one pool."""
    for flow in diagram.root.below("messageFlow"):
        source, target = diagram.named(flow.get("sourceRef")), diagram.named(flow.get("targetRef"))
        yield from _end(diagram, flow, source, NEVER_SENDS, SENDING)
        yield from _end(diagram, flow, target, NEVER_RECEIVES, RECEIVING)
        if source is not None and target is not None and _pool(diagram, source) is _pool(diagram, target):
            yield diagram.found(
                RULE,
                flow,
                "The message flow “{name}” stays in one pool.",
                "Use a sequence flow inside a pool; message flows go from one pool to another.",
            )


def _end(
    diagram: Diagram, flow: Part, node: Part | None, never: tuple[str, ...], events: tuple[str, ...]
) -> Iterator[Finding]:
    if node is None:
        return
    if node.kind in never:
        yield diagram.found(
            RULE,
            flow,
            "The message flow “{name}” cannot begin or end at “{node}”.",
            "Connect it to a pool, an activity, or an event that sends or receives a message.",
            node=node.get("name") or node.id,
        )
    elif node.kind in events and "message" not in diagram.triggers(node):
        yield diagram.found(
            RULE,
            node,
            "A message flow is connected to “{name}”, which is no message event.",
            "Make it a message event, or remove the message flow.",
        )


def _pool(diagram: Diagram, part: Part) -> Part | None:
    """The process a part lies in; for a pool, its process, or the pool itself when it shows none."""
    if part.kind == "participant":
        return diagram.named(part.get("processRef")) or part
    return part.within("process", "choreography") or part
