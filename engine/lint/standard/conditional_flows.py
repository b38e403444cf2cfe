"""May the sequence flows with a condition, and the default flows, stand where they stand?

BPMN 2.0.2, 8.4.13, 10.6; constraints EXT.025, EXT.026.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, EVENTS, FLOW_NODES, Diagram

RULE = "conditional-flows"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for a condition that decides between nothing, and for a default flow that leaves somewhere else."""
    for node in diagram.parts(*FLOW_NODES):
        leaving = diagram.leaving(node)
        conditional = [flow for flow in leaving if flow.first("conditionExpression") is not None]
        if node.kind in ACTIVITIES and conditional and len(leaving) < 2:
            yield diagram.found(
                RULE,
                node,
                "The only exit of “{name}” has a condition: nothing would be left to do when it does not hold.",
                "Give “{name}” a second exit, or remove the condition.",
            )
        if node.kind in EVENTS and conditional:
            yield diagram.found(
                RULE, node, "An exit of the event “{name}” has a condition.", "Put a gateway after the event."
            )
        default = node.get("default").rpartition(":")[2]
        if default and diagram.named(default) is not None and default not in {flow.id for flow in leaving}:
            yield diagram.found(
                RULE,
                node,
                "The default flow of “{name}” does not leave it.",
                "Choose one of its own exits as the default flow.",
            )
