"""Do pools and processes say of themselves what can be?

BPMN 2.0.2, 9.3, 10.2.1; constraints EXT.033, EXT.035.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "pools"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for a public process that claims to run, and for a pool shown twice."""
    for process in diagram.processes:
        if process.get("processType") == "Public":
            yield diagram.found(
                RULE,
                process,
                "The process “{name}” is public, and a public process is only shown, never run.",
                "Mark it as private or not executable (processType, isExecutable).",
            )
    for collaboration in diagram.root.all("collaboration"):
        for reference in collaboration.texts("choreographyRef"):
            other = diagram.named(reference)
            if other is not None and other.says("isClosed", otherwise=False) != collaboration.says(
                "isClosed", otherwise=False
            ):
                yield diagram.found(
                    RULE,
                    collaboration,
                    "The collaboration “{name}” and its choreography do not agree on being closed.",
                    "Give both the same isClosed.",
                )
