"""Every job type has a connector, and its inputs are those of the connector's element template."""

from collections.abc import Iterator

from engine.elements import Element
from engine.lint.catalogue import KnownTemplate
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "connectors-known"
OURS = "parvis:"


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for unknown types and inputs; a type of somebody else's is a warning: a remote worker may take it."""
    for element in subject.elements:
        if not element.job_type or element.job_type.startswith("="):
            continue
        template = subject.catalogue.of_type(element.job_type)
        if template is None:
            yield subject.found(
                RULE,
                "error" if element.job_type.startswith(OURS) else "warning",
                element,
                "No connector takes the job type “{type}” of “{name}”.",
                "Choose a connector of the catalogue, or make sure that a remote worker takes it.",
                type=element.job_type,
            )
        else:
            yield from _check_inputs(subject, element, template)


def _check_inputs(subject: Subject, element: Element, template: KnownTemplate) -> Iterator[Finding]:
    given = {**subject.inputs(element), **element.headers}
    for known in template.inputs:
        value = given.pop(known.name, None)
        if known.required and not value:
            yield subject.found(
                RULE,
                "error",
                element,
                "“{name}” does not give “{input}”, which its connector needs.",
                "Fill it in the panel of the connector.",
                input=known.name,
            )
        elif value and known.choices and not value.startswith("=") and value not in known.choices:
            yield subject.found(
                RULE,
                "error",
                element,
                "“{name}” gives “{value}” for “{input}”, which takes: {choices}.",
                "Choose one of them.",
                input=known.name,
                value=value,
                choices=", ".join(known.choices),
            )
    for unknown in given:
        yield subject.found(
            RULE,
            "warning",
            element,
            "“{name}” gives “{input}”, which its connector does not read.",
            "Remove it, or correct its name.",
            input=unknown,
        )
