"""Is nothing of a choreography in what is to be run?

BPMN 2.0.2, 10.3.5, 11; constraints EXT.027, EXT.032, EXT.036, EXT.056.

Parvis runs processes. A conversation or a choreography agreed between partners is another document.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import CHOREOGRAPHY, Diagram

RULE = "choreographies"
OTHER_DIAGRAMS = ("choreography", "globalChoreographyTask", "globalConversation")


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each choreography or conversation at the root, and for each of their activities in a process."""
    for part in (*diagram.root.all(*OTHER_DIAGRAMS), *diagram.parts(*CHOREOGRAPHY)):
        yield diagram.found(
            RULE,
            part,
            "“{name}” belongs to a choreography or a conversation, which Parvis does not run.",
            "Remove it, or draw it in a file of its own outside the bundle.",
        )
