"""Has everything that others refer to an id?

BPMN 2.0.2, 8.3.1; constraint EXT.003.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import FLOW_NODES, Diagram

RULE = "ids-given"
REFERRED = (*FLOW_NODES, "sequenceFlow", "dataObject", "dataObjectReference", "dataInput", "dataOutput")


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each element without id."""
    for part in diagram.parts(*REFERRED):
        if not part.id:
            yield diagram.found(
                RULE, part, "An element of the kind {kind} has no id.", "Give it an id of its own.", kind=part.kind
            )
