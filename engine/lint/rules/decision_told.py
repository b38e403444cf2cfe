"""Some element says that the case is answered (`parvis:decision`): else its term never stops."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "decision-told"


def check(subject: Subject) -> Iterator[Finding]:
    """One warning when none does."""
    if not any(element.decision for element in subject.elements):
        yield Finding(
            rule=RULE,
            severity="warning",
            file=subject.definition.process_files.get(subject.definition.main_process, ""),
            element=None,
            message="No element says that the case is answered: its term only stops when the case is closed.",
            way_out="Give the element that answers the property parvis:decision: granted, refused or closed.",
        )
