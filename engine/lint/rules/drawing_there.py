"""Every diagram is drawn: without positions, nobody could look at it or edit it."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import DRAWING, Subject

RULE = "drawing-there"


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each file without drawing."""
    for name, root in subject.roots.items():
        if root.find(f"{DRAWING}BPMNDiagram") is None:
            yield Finding(
                rule=RULE,
                severity="warning",
                file=name,
                element=None,
                message="The diagram has no drawing.",
                way_out="Open it in the modeler, lay it out and save it.",
            )
