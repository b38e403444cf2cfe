"""What people read has a name: user tasks, connectors, gateways that ask a question, public steps in plain words."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "names-given"
NAMED = ("userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity", "manualTask", "task")
ASKING = ("exclusiveGateway", "inclusiveGateway")


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each that has none."""
    for element in subject.elements:
        asks = element.kind in ASKING and len(element.outgoing) > 1
        if not element.name.strip() and (element.kind in NAMED or asks):
            yield subject.found(
                RULE,
                "warning",
                element,
                "“{name}” has no name: agents would read its id.",
                "Name it in words of the town.",
            )
