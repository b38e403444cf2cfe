"""Every `parvis:` property of an element is one that Parvis reads, with a value it takes."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "properties-known"
PREFIX = "parvis:"
KNOWN: dict[str, tuple[str, ...]] = {
    "parvis:publicStep": (),
    "parvis:decision": ("granted", "refused", "closed"),
    "parvis:audience": ("department", "applicant"),
}


def check(subject: Subject) -> Iterator[Finding]:
    """One error for each property that would be ignored."""
    for element in subject.elements:
        for name, value in element.properties.items():
            if not name.startswith(PREFIX):
                continue
            if name not in KNOWN:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "“{name}” has the property “{property}”, which Parvis does not know.",
                    "Use one of: {known}.",
                    property=name,
                    known=", ".join(KNOWN),
                )
            elif KNOWN[name] and value not in KNOWN[name]:
                yield subject.found(
                    RULE,
                    "error",
                    element,
                    "The property “{property}” of “{name}” is “{value}”.",
                    "Use one of: {known}.",
                    property=name,
                    value=value,
                    known=", ".join(KNOWN[name]),
                )
