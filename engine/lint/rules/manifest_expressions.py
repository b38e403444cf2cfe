"""Every FEEL expression of the manifest compiles."""

from collections.abc import Iterator

from engine.feel import FeelError, compile_expression
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "manifest-expressions"


def check(subject: Subject) -> Iterator[Finding]:
    """One error for each expression that does not."""
    for path, text in subject.bundle.manifest.expressions().items():
        try:
            compile_expression(text[1:])
        except FeelError as refusal:
            yield Finding(
                rule=RULE,
                severity="error",
                file="manifest.json",
                element=None,
                message="The expression of “{path}” cannot be read: {reason}",
                way_out="Correct the expression; what it may read is “answers” and “case”.",
                parameters={"path": path, "reason": refusal.sentence},
            )
