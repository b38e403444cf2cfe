"""Every start form of the manifest exists, begins at a start event of the main process, and something can start the
procedure.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "start-forms"


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for forms and events that are not there; one when nothing starts the procedure."""
    starts = [
        element
        for element in subject.elements
        if element.kind == "startEvent"
        and element.parent is None
        and element.process == subject.definition.main_process
    ]
    ids = {element.id for element in starts}
    for start in subject.bundle.manifest.start_forms:
        if start.form not in subject.definition.forms:
            yield _found(
                "The start form “{form}” has no file forms/{form}.schema.json.", "Add the form.", form=start.form
            )
        if start.start is not None and start.start not in ids:
            yield _found(
                "The start form “{form}” begins at “{start}”, which is no start event of the main process.",
                "Name one of: {known}.",
                form=start.form,
                start=start.start,
                known=", ".join(sorted(ids)),
            )
    if not subject.bundle.manifest.start_forms and not any(element.events for element in starts):
        yield _found(
            "Nothing starts this procedure: it has no start form and no message, signal or timer start.", "Add one."
        )


def _found(message: str, way_out: str, **parameters: str) -> Finding:
    return Finding(
        rule=RULE,
        severity="error",
        file="manifest.json",
        element=None,
        message=message,
        way_out=way_out,
        parameters=dict(parameters),
    )
