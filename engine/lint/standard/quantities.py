"""Are the quantities of tokens numbers from 1?

BPMN 2.0.2, 9.3, 10.3 (table 10.3); constraints EXT.029, EXT.030, EXT.037, EXT.038.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, Diagram
from engine.lint.standard.part import Part

RULE = "quantities"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each quantity out of bounds."""
    for part in diagram.parts(*ACTIVITIES):
        for quantity in ("startQuantity", "completionQuantity"):
            if _number(part, quantity, 1) < 1:
                yield diagram.found(
                    RULE,
                    part,
                    "The {quantity} of “{name}” is below 1.",
                    "Write a whole number from 1.",
                    quantity=quantity,
                )
    for part in diagram.root.below("participantMultiplicity"):
        least, most = _number(part, "minimum", 0), _number(part, "maximum", 1)
        if least < 0 or most < 1 or most < least:
            yield diagram.found(
                RULE,
                part,
                "The number of participants ({least} to {most}) cannot be.",
                "Write a minimum from 0, and a maximum from 1 that is not below it.",
                least=str(least),
                most=str(most),
            )


def _number(part: Part, name: str, otherwise: int) -> int:
    """What is no number at all is for `schema-valid`."""
    text = part.get(name).strip()
    return int(text) if text.lstrip("-").isdigit() else otherwise
