"""Every message a case waits for has a correlation key, so that it cannot be meant for another case."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "message-keys"


def check(subject: Subject) -> Iterator[Finding]:
    """One error for each message without key, but for those that start a case."""
    for element in subject.elements:
        starts = element.kind == "startEvent" and element.parent is None
        if starts or "hrow" in element.kind or element.kind in ("endEvent", "sendTask"):
            continue
        for event in element.events:
            if event.kind == "message" and not event.key:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "“{name}” waits for the message “{awaited}”, which has no correlation key.",
                    "Give the message a correlation key, such as =case.reference.",
                    awaited=event.name or "",
                )
