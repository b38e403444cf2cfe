"""Every decision a business rule task or the routing connector calls is in the bundle."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "decisions-known"
# The input of a connector that names a decision of the bundle.
INPUT = "decision"


def check(subject: Subject) -> Iterator[Finding]:
    """An error for each decision that is not there. A decision named by an expression is only known when it runs."""
    for element in subject.elements:
        named = [element.decision_id] if element.job_type is None else [subject.inputs(element).get(INPUT)]
        for decision in named:
            if decision and not decision.startswith("=") and decision not in subject.definition.decisions:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "“{name}” asks the decision “{decision}”, which no .dmn file of the bundle holds.",
                    "Add the decision, or name another.",
                    decision=decision,
                )
