"""Is a receive task that begins its process really at the beginning?

BPMN 2.0.2, 10.3.3 “Receive Task”; constraint EXT.049.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "receive-tasks"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each beginning receive task that something leads to."""
    for task in diagram.parts("receiveTask"):
        if diagram.instantiates(task) and diagram.entering(task):
            yield diagram.found(
                RULE,
                task,
                "A sequence flow leads to the receive task “{name}”, which begins its process.",
                "Remove the flow, or the mark that it begins the process (instantiate).",
            )
