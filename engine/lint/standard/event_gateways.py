"""Do the exits of an event gateway wait for events, as they must?

BPMN 2.0.2, 10.6.6; constraints EXT.136 to EXT.142.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "event-gateways"
ALLOWED = {"message", "signal", "timer", "conditional"}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for each exit the standard does not allow, and for too few of them."""
    for gateway in diagram.parts("eventBasedGateway"):
        leaving = diagram.leaving(gateway)
        targets = [node for flow in leaving if (node := diagram.named(flow.get("targetRef"))) is not None]
        if len(leaving) < 2:
            yield diagram.found(
                RULE,
                gateway,
                "The event gateway “{name}” has fewer than two exits.",
                "Connect it to two events, or more.",
            )
        if any(flow.first("conditionExpression") is not None for flow in leaving):
            yield diagram.found(
                RULE, gateway, "An exit of the event gateway “{name}” has a condition.", "Remove the condition."
            )
        if diagram.instantiates(gateway) and diagram.entering(gateway):
            yield diagram.found(
                RULE,
                gateway,
                "A sequence flow leads to the event gateway “{name}”, which begins its process.",
                "Remove the flow, or the mark that it begins the process (instantiate).",
            )
        yield from _targets(diagram, gateway, targets)


def _targets(diagram: Diagram, gateway: Part, targets: list[Part]) -> Iterator[Finding]:
    for node in targets:
        triggers = diagram.triggers(node)
        waits = node.kind == "intermediateCatchEvent" and triggers <= ALLOWED
        if not waits and node.kind != "receiveTask":
            yield diagram.found(
                RULE,
                node,
                "“{name}” follows an event gateway but is no receive task and no message, time, signal or condition.",
                "Put an event that waits behind the gateway.",
            )
        if node.kind == "receiveTask" and _has_boundary(diagram, node):
            yield diagram.found(
                RULE,
                node,
                "The receive task “{name}” follows an event gateway and has a boundary event.",
                "Remove the boundary event: the gateway can wait for it too.",
            )
        if len(diagram.entering(node)) > 1:
            yield diagram.found(
                RULE,
                node,
                "“{name}” follows an event gateway, and other sequence flows lead to it too.",
                "Let only the gateway lead to it.",
            )
    messages = any("message" in diagram.triggers(node) for node in targets if node.kind == "intermediateCatchEvent")
    if messages and any(node.kind == "receiveTask" for node in targets):
        yield diagram.found(
            RULE,
            gateway,
            "The event gateway “{name}” waits both with message events and with receive tasks.",
            "Use message events only, or receive tasks only.",
        )


def _has_boundary(diagram: Diagram, task: Part) -> bool:
    return any(diagram.named(event.get("attachedToRef")) is task for event in diagram.parts("boundaryEvent"))
