"""Forms citizens finish: what a designer should mend in a form that can be read (`forms.lint`): questions nobody
reaches, rules that read a later page, choices without titles, personal data without purpose…
"""

from collections.abc import Iterator

from engine.feel.sentences import Sentence
from engine.lint.finding import Finding
from engine.lint.subject import Subject
from forms import lint
from forms.errors import Finding as FormFinding
from forms.errors import Words

RULE = "forms-finished"


def check(subject: Subject) -> Iterator[Finding]:
    """Warnings, each with the place in the file. Forms that cannot be read are another rule's."""
    for name, source in subject.definition.forms.items():
        # The manifest always says why the procedure asks for personal data (`personal_data.purpose`).
        for found in lint.check(source.schema, source.ui, source.translations or None, purpose_of_procedure=True):
            if found.severity == "warning":
                yield told(RULE, name, found)


def told(rule: str, form: str, found: FormFinding) -> Finding:
    """A finding of the forms floor as the gate says it."""
    part = "ui" if found.document == "ui" else "schema"
    said = found.message if isinstance(found.message, Words) else Words(found.message)
    return Finding(
        rule=rule,
        severity="warning" if found.severity == "warning" else "error",
        file=f"forms/{form}.{part}.json",
        element=None,
        message="At {pointer}: {reason}",
        parameters={"pointer": found.pointer or "/", "reason": Sentence(said.template, said.values)},
    )
