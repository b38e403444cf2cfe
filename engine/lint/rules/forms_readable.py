"""Every form of the bundle can be read: its JSON Schema, its UI schema, its fragments (`forms.document`)."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.rules.forms_finished import told
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
            yield from (told(RULE, name, found) for found in refusal.findings)
