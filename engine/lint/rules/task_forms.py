"""Every form a task names exists; a task without form is worth a look."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "task-forms"


def check(subject: Subject) -> Iterator[Finding]:
    """An error for a missing form, a warning for a user task that has none."""
    for element in subject.elements:
        if element.form_id is not None and element.form_id not in subject.definition.forms:
            yield subject.found(
                RULE,
                "error",
                element,
                "“{name}” shows the form “{form}”, but the bundle has no forms/{form}.schema.json.",
                "Add the form, or name another.",
                form=element.form_id,
            )
        elif element.kind == "userTask" and element.form_id is None:
            yield subject.found(
                RULE, "warning", element, "“{name}” has no form: it can only be marked done.", "Give it a form."
            )
