"""Every form of the bundle can be read: its JSON Schema, its UI schema, its fragments (`forms.document`)."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject
from forms.document import read_form
from forms.errors import FormRefused

RULE = "forms-readable"


def check(subject: Subject) -> Iterator[Finding]:
    """Everything the forms floor finds, with the place in the file."""
    for name, source in subject.definition.forms.items():
        try:
            read_form(source.schema, source.ui, source.translations)
        except FormRefused as refusal:
            for found in refusal.findings:
                part = "ui" if found.document == "ui" else "schema"
                yield Finding(
                    rule=RULE,
                    severity="warning" if found.severity == "warning" else "error",
                    file=f"forms/{name}.{part}.json",
                    element=None,
                    message="At {pointer}: {reason}",
                    way_out="Correct the form.",
                    parameters={"pointer": found.pointer or "/", "reason": found.message},
                )
