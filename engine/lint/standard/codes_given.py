"""Has every error and escalation that is thrown a code?

BPMN 2.0.2, 8.4.3, 8.4.4, 10.5.3; constraints EXT.011.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import THROWING, Diagram

RULE = "codes-given"
CODES = {
    "errorEventDefinition": ("errorRef", "errorCode"),
    "escalationEventDefinition": ("escalationRef", "escalationCode"),
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each thrown error or escalation that no handler could tell from another."""
    for event in diagram.parts(*THROWING):
        for definition in diagram.definitions(event):
            reference, code = CODES.get(definition.kind, ("", ""))
            meant = diagram.named(definition.get(reference)) if reference else None
            if reference and (meant is None or not meant.get(code)):
                yield diagram.found(
                    RULE,
                    event,
                    "“{name}” throws an error or an escalation without a code.",
                    "Choose an error or an escalation, and give it a code.",
                )
