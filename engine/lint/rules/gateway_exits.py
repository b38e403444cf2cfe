"""Every gateway can go somewhere: it has an exit, and where all its exits are conditional, a default one (BPMN 2.0.2,
10.6.2).
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Flow, Subject

RULE = "gateway-exits"
CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for dead ends and for exits that would never, or always, be taken; a warning without default."""
    exits: dict[str, list[Flow]] = {}
    for flow in subject.flows:
        exits.setdefault(flow.source, []).append(flow)
    for element in subject.elements:
        out = exits.get(element.id, [])
        if element.kind.endswith("Gateway") and not out:
            yield subject.found(
                RULE, "error", element, "The gateway “{name}” leads nowhere.", "Connect it to what follows."
            )
        if element.kind not in CHOOSING or len(out) < 2:
            continue
        for flow in out:
            if not flow.is_conditional and not flow.is_default:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "The exit “{flow}” of the gateway “{name}” has no condition and is not its default.",
                    "Give the flow a condition, or make it the default flow.",
                    flow=flow.id,
                )
        if all(flow.is_conditional and not flow.is_default for flow in out):
            yield subject.found(
                RULE,
                "warning",
                element,
                "The gateway “{name}” has no default exit: a case no condition fits would be blocked.",
                "Make one of its flows the default flow.",
            )
