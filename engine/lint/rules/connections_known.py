"""Every step that needs a connection finds it in this town."""

from collections.abc import Iterator

from engine.elements import Element
from engine.lint.catalogue import Usable
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "connections-known"


def check(subject: Subject) -> Iterator[Finding]:
    """Warnings, never errors: a procedure may come to a town before the servers it calls are set up, and a case that
    needs one meanwhile is blocked without losing anything. A name that FEEL computes is not known here."""
    for element in subject.elements:
        usable = (subject.catalogue.connections or {}).get(element.job_type or "")
        if usable is not None:
            yield from _check(subject, element, usable)


def _check(subject: Subject, element: Element, usable: Usable) -> Iterator[Finding]:
    named = subject.inputs(element).get("connection") or element.headers.get("connection")
    if named and not named.startswith("=") and named not in usable.names:
        yield subject.found(
            RULE,
            "warning",
            element,
            "“{name}” uses the connection “{connection}”, which this town does not have, or has switched off.",
            "Set it up under Connections, or choose another one.",
            connection=named,
        )
    elif not named and not usable.usual:
        yield subject.found(
            RULE,
            "warning",
            element,
            "“{name}” needs a connection, and this town has none that it could use.",
            "Set one up under Connections.",
        )
