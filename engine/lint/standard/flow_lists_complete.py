"""Do the flow nodes list the sequence flows that lead to them and leave them?

BPMN 2.0.2, 8.4.13 “Flow Node”; constraints EXT.023, EXT.101, EXT.107.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import FLOW_NODES, Diagram
from engine.lint.standard.part import Part

RULE = "flow-lists-complete"


def check(diagram: Diagram) -> Iterator[Finding]:
    """A file that lists them anywhere must list them everywhere, and truly; one written by hand may leave them out."""
    if not any(node.first("incoming") or node.first("outgoing") for node in diagram.parts(*FLOW_NODES)):
        return
    for node in diagram.parts(*FLOW_NODES):
        yield from _judged(diagram, node, "incoming", {flow.id for flow in diagram.entering(node)})
        yield from _judged(diagram, node, "outgoing", {flow.id for flow in diagram.leaving(node)})


def _judged(diagram: Diagram, node: Part, kind: str, drawn: set[str]) -> Iterator[Finding]:
    listed = {text.rpartition(":")[2] for text in node.texts(kind)}
    for flow in sorted(listed ^ drawn):
        yield diagram.found(
            RULE,
            node,
            "“{name}” and the sequence flow “{flow}” do not agree on whether they are connected ({list}).",
            "Connect them again in the modeler.",
            flow=flow,
            list=kind,
        )
