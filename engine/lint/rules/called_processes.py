"""Every process a call activity calls is in the bundle or in service."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "called-processes"


def check(subject: Subject) -> Iterator[Finding]:
    """An error where the processes in service are known, else a warning."""
    for element in subject.elements:
        called = element.called_process
        if not called or called.startswith("=") or called in subject.definition.processes:
            continue
        if element.binding == "deployment":
            yield subject.found(
                RULE,
                "error",
                element,
                "“{name}” calls the process “{process}” of its own deployment, but the bundle does not hold it.",
                "Add the process to the bundle, or bind the call to the latest version.",
                process=called,
            )
            continue
        if called not in (subject.processes or ()):
            yield subject.found(
                RULE,
                "warning" if subject.processes is None else "error",
                element,
                "“{name}” calls the process “{process}”, which is neither in the bundle nor in service.",
                "Publish the other procedure first, or correct the id.",
                process=called,
            )
