"""Every decision that a business rule task, the routing connector or an expression calls is in the bundle."""

from collections.abc import Iterator

from engine.feel import FeelError, compile_expression
from engine.feel.checks import decisions_asked
from engine.lint.finding import Finding
from engine.lint.rules.expressions_sound import expressions_in
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
    yield from _asked(subject)


def _asked(subject: Subject) -> Iterator[Finding]:
    for file, root in subject.roots.items():
        for element, text in dict.fromkeys(expressions_in(root)):
            for decision in sorted(_decisions_in(text.strip()) - subject.definition.decisions.ids):
                yield Finding(
                    rule=RULE,
                    severity="error",
                    file=file,
                    element=element,
                    message="The expression “{expression}” asks the decision “{decision}”, which no .dmn file of the "
                    "bundle holds.",
                    way_out="Add the decision, or name another.",
                    parameters={"expression": text.strip(), "decision": decision},
                )


def _decisions_in(text: str) -> frozenset[str]:
    try:
        return decisions_asked(compile_expression(text))
    except FeelError:
        return frozenset()
