"""Is every file the diagram imports in the bundle?

BPMN 2.0.2, 8.2.2; constraint EXT.001.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "imports-there"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each import: a bundle is complete in itself, its diagrams know each other by their process ids."""
    for part in diagram.root.all("import"):
        yield diagram.found(
            RULE,
            part,
            "The diagram imports “{location}”, which Parvis does not read.",
            "Put the other diagram into the bundle and call its process by its id; remove the import.",
            location=part.get("location"),
        )
