"""Every condition can be true for one case and false for another: one that never changes decides nothing."""

from collections.abc import Iterator

from engine.feel import FeelError, compile_expression
from engine.feel.checks import constant_answer
from engine.lint.finding import Finding
from engine.lint.subject import BPMN, Subject

RULE = "conditions-decide"


def check(subject: Subject) -> Iterator[Finding]:
    """A warning for each condition of a flow that is the same for every case."""
    for file, root in subject.roots.items():
        for flow in root.iter(f"{BPMN}sequenceFlow"):
            condition = flow.find(f"{BPMN}conditionExpression")
            text = "" if condition is None else (condition.text or "").strip()
            found = _constant(text[1:].strip()) if text.startswith("=") else None
            if found is not None:
                yield Finding(
                    rule=RULE,
                    severity="warning",
                    file=file,
                    element=flow.get("id"),
                    message="The condition of a flow decides nothing: {reason}",
                    way_out="Read a value of the case in it, or make the flow the default one.",
                    parameters={"reason": found},
                )


def _constant(text: str) -> object:
    try:
        found = constant_answer(compile_expression(text))
    except FeelError:
        return None
    return None if found is None else found.sentence
