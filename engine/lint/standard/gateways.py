"""Does every gateway split or join, in the direction it is marked with?

BPMN 2.0.2, 8.4.9, 10.6; constraints EXT.017 to EXT.019, EXT.135.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import GATEWAYS, Diagram

RULE = "gateways"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for gateways that do nothing, or something else than they are marked for."""
    for gateway in diagram.parts(*GATEWAYS):
        coming, going = len(diagram.entering(gateway)), len(diagram.leaving(gateway))
        if coming < 2 and going < 2:
            yield diagram.found(
                RULE,
                gateway,
                "The gateway “{name}” has neither several sequence flows coming in nor several going out.",
                "Connect it, or remove it.",
            )
        allowed = {
            "Converging": going <= 1,
            "Diverging": coming <= 1,
            "Mixed": coming > 1 and going > 1,
        }
        if not allowed.get(gateway.get("gatewayDirection"), True):
            yield diagram.found(
                RULE,
                gateway,
                "The gateway “{name}” is marked {direction}, but its sequence flows say otherwise.",
                "Correct the mark (gatewayDirection), or the flows.",
                direction=gateway.get("gatewayDirection"),
            )
